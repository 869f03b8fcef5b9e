/**
 * How an operation ended.
 *
 * - `ok`: the server acknowledged it.
 * - `fail`: it surely did not happen (refused, or never sent).
 * - `info`: nobody can know (a time-out, a connection lost after sending).
 */
export type Outcome = "ok" | "fail" | "info";

/** What a checker says. A checker that could not decide says `unknown`, never `pass`. */
export type Verdict = "pass" | "fail" | "unknown";

/** The worst of several verdicts: `fail` outweighs `unknown`, which outweighs `pass`. Nothing checked is `unknown`. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("fail")) return "fail";
  if (verdicts.length === 0 || verdicts.includes("unknown")) return "unknown";
  return "pass";
}
