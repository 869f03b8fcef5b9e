import type { EndEvent } from "../model/event.ts";
import type { Digests } from "./digest.ts";

/** Whether a history is what was recorded. */
export interface Integrity {
  /**
   * - `verified`: the last line's counts and digest are those of all lines before it
   * - `unverifiable`: recorded in schema 1, whose last line has neither
   * - `unfinished`: it has no last line: recording broke off
   * - `damaged`: they differ
   */
  readonly state: "verified" | "unverifiable" | "unfinished" | "damaged";
  /** Of the history as it is, `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** Number of its lines, the last one included. */
  readonly events: number;
  readonly schemaVersion: number;
  /** What differs, each as a part of a sentence. */
  readonly differs: readonly string[];
}

/** What was found while all lines were read. */
export interface Found {
  readonly schemaVersion: number;
  /** Lines of each type, without the last. */
  readonly counts: ReadonlyMap<string, number>;
  readonly end: EndEvent | undefined;
  readonly digests: Digests;
}

/** Compares what a history is with what its last line says. */
export function integrityOf({ schemaVersion, counts, end, digests }: Found): Integrity {
  const events = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const about = { digest: digests.computed, events: events + (end ? 1 : 0), schemaVersion };
  if (end === undefined) return { ...about, state: "unfinished", differs: [] };
  const bare = end.events === undefined && end.counts === undefined && end.digest === undefined;
  if (schemaVersion === 1 && bare) return { ...about, state: "unverifiable", differs: [] };
  const differs =
    schemaVersion === 1 || bare
      ? [
          `its header is of schema ${schemaVersion}, and its last line ${bare ? "has no digest" : "of a later one"}`,
        ]
      : [...countsThatDiffer(events, counts, end), ...digestThatDiffers(end, digests)];
  return { ...about, state: differs.length > 0 ? "damaged" : "verified", differs };
}

function countsThatDiffer(
  events: number,
  counts: ReadonlyMap<string, number>,
  { events: told = 0, counts: toldOf = {} }: EndEvent,
): string[] {
  const types = new Set([...counts.keys(), ...Object.keys(toldOf)]);
  const each = [...types].map((type) => [type, counts.get(type) ?? 0, toldOf[type] ?? 0] as const);
  const wrong = each.filter(([, found, recorded]) => found !== recorded);
  if (wrong.length === 0 && events === told) return [];
  if (wrong.length === 0) return [`it has ${events} lines before the last, and ${told} were recorded`];
  return wrong
    .slice(0, SHOWN_TYPES)
    .map(
      ([type, found, recorded]) =>
        `it has ${found} lines of type ${type.slice(0, 40)}, and ${recorded} were recorded`,
    );
}

function digestThatDiffers(end: EndEvent, { computed, stated }: Digests): string[] {
  if (stated === undefined) return ["its last line does not end with its digest, as the recorder writes it"];
  if (stated !== end.digest || stated !== computed)
    return [`its digest is ${short(computed)}, and its last line says ${short(stated)}`];
  return [];
}

/** More types than there are; whatever else a last line may claim is not worth telling. */
const SHOWN_TYPES = 12;

/** Enough to tell two apart. */
function short(digest: string): string {
  return `${digest.slice(0, 19)}…`;
}
