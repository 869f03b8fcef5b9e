import type { Result } from "../model/result.ts";

/* What a drill that passed let go, as it stands behind its verdict in every report. No import but types: a page has it too. */

/** `, with 1,110 lost writes allowed by expect.lostAcknowledgedWrites`; nothing where nothing was let go. */
export function acceptedWords({ accepted = [] }: Pick<Result, "accepted">): string {
  return behindVerdict(accepted.map(({ text }) => text));
}

/** The same of its parts. */
export function behindVerdict(texts: readonly string[]): string {
  const last = texts.at(-1);
  if (last === undefined) return "";
  return texts.length === 1 ? `, with ${last}` : `, with ${texts.slice(0, -1).join(", ")} and ${last}`;
}

/** What is told of replication before the primaries were lost. */
export function replicationNotes({ replication = [] }: Pick<Result, "replication">): string[] {
  return replication.flatMap(({ note }) => (note === null ? [] : [note]));
}
