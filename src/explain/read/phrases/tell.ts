import { CLUSTER_PHRASES } from "./cluster.ts";
import { CAUSE_PHRASES, PROCESS_PHRASES } from "./process.ts";
import { REPLICATION_PHRASES } from "./replication.ts";
import { SENTINEL_PHRASES } from "./sentinel.ts";
import type { Phrase, Told } from "./told.ts";

const PHRASES: readonly Phrase[] = [
  ...CAUSE_PHRASES,
  ...SENTINEL_PHRASES,
  ...CLUSTER_PHRASES,
  ...REPLICATION_PHRASES,
  ...PROCESS_PHRASES,
];
const ANYWHERE = PHRASES.slice(CAUSE_PHRASES.length).filter(({ starts }) => starts === "");
const BY_FIRST = new Map<string, Phrase[]>();
for (const one of PHRASES) {
  if (one.starts === "") continue;
  const key = one.starts.slice(0, 2);
  BY_FIRST.set(key, [...(BY_FIRST.get(key) ?? []), one]);
}

/** Words of which one stands in every line that tells anything. */
export const WORDS: readonly string[] = [
  ...new Set(PHRASES.flatMap(({ starts, words }) => words ?? [starts])),
].toSorted();

/** What the text of a line tells; `undefined`: nothing. */
export function tell(text: string): Told | undefined {
  const begun = BY_FIRST.get(text.slice(0, 2)) ?? [];
  return first(CAUSE_PHRASES, text) ?? first(begun, text) ?? first(ANYWHERE, text);
}

function first(phrases: readonly Phrase[], text: string): Told | undefined {
  for (const { starts, tells } of phrases) {
    const told = text.startsWith(starts) ? tells(text) : undefined;
    if (told !== undefined) return told;
  }
  return undefined;
}
