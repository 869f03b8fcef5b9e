import type { AcceptedResult, Result } from "../model/result.ts";

/*
 * What a drill that passed let go, as it stands behind its verdict in every report. No import but types: a page has it
 * too.
 */

/** `, with 1,110 lost writes allowed by expect.lostAcknowledgedWrites`; nothing where nothing was let go. */
export function acceptedWords({ accepted = [] }: Pick<Result, "accepted">): string {
  return behindVerdict(acceptedTexts(accepted));
}

/** The same of its parts. */
export function behindVerdict(texts: readonly string[]): string {
  return texts.length === 0 ? "" : `, with ${texts.join("; ")}`;
}

/** A text for each line of the scenario that allows something. */
export function acceptedTexts(accepted: readonly AcceptedResult[]): string[] {
  const lines = [...new Set(accepted.map(({ allowedBy }) => allowedBy))];
  return lines.map((line) => {
    const told = accepted.filter(({ allowedBy }) => allowedBy === line).map(toldOf);
    return `${told.join(", ")}${line === null ? "" : allowance(line)}`;
  });
}

/** For where there is little room: the first, and how many more. */
export function shortAcceptedWords({ accepted = [] }: Pick<Result, "accepted">): string {
  const [first] = accepted;
  if (first === undefined) return "";
  const more = accepted.length > 1 ? ` and ${accepted.length - 1} more` : "";
  return `, with ${toldOf(first)}${first.allowedBy === null ? "" : " allowed"}${more}`;
}

/** What is told of replication before the primaries were lost. */
export function replicationNotes({ replication = [] }: Pick<Result, "replication">): string[] {
  return replication.flatMap(({ note }) => (note === null ? [] : [note]));
}

/** Without the line that allows it. */
function toldOf({ text, allowedBy }: AcceptedResult): string {
  return allowedBy === null ? text : text.slice(0, text.length - allowance(allowedBy).length);
}

function allowance(line: string): string {
  return ` allowed by ${line}`;
}
