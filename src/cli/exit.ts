import { CommanderError } from "commander";
import { DrillError, ERROR_CODES, messageOf } from "../model/errors.ts";
import { type Verdict, worstVerdict } from "../model/outcome.ts";
import { painter, wantsColour } from "../report/terminal/colour.ts";
import { printable } from "../report/terminal/format.ts";

/** Exit codes, as `--help` shows them. */
export const EXIT_CODES = {
  0: "all drills passed",
  1: "a drill failed",
  2: "a verdict is unknown",
  64: "bad usage, or a bad scenario file",
  70: "the environment could not be brought up, or broke",
  130: "interrupted (Ctrl-C)",
} as const;

const FOR_VERDICT = { pass: 0, fail: 1, unknown: 2 } as const satisfies Record<Verdict, number>;

export function exitCodeForVerdict(verdict: Verdict): number {
  return FOR_VERDICT[verdict];
}

/** That of the worst of many; an environment that broke outweighs them all. */
export function exitCodeForVerdicts(verdicts: readonly (Verdict | "broken")[]): number {
  if (verdicts.includes("broken")) return ERROR_CODES.START_FAILED;
  return exitCodeForVerdict(worstVerdict(verdicts.filter((verdict) => verdict !== "broken")));
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ERROR_CODES.BAD_USAGE;
  return error instanceof DrillError ? ERROR_CODES[error.code] : ERROR_CODES.START_FAILED;
}

/** Says on standard error what went wrong and what to do. What commander found wrong it has said itself. */
export function tellError(error: unknown): void {
  if (error instanceof CommanderError) return;
  const paint = painter(wantsColour(process.stderr));
  const known = error instanceof DrillError;
  const label = known ? `error[${error.code}]:` : "error:";
  const lines = [`${paint.bad(label)} ${printable(messageOf(error))}`];
  if (known && error.hint) lines.push(...printable(error.hint.split("\n").map((line) => `  ${line}`)));
  // a defect: show where
  if (!known && error instanceof Error && error.stack) lines.push(paint.faint(printable(error.stack)));
  process.stderr.write(`${lines.join("\n")}\n`);
}
