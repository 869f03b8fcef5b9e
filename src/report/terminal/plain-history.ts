import type { PlainResult } from "../../model/plain-result.ts";
import { checkLines } from "./checks.ts";
import { painter } from "./colour.ts";
import { formatCount, formatNumber, printable, verdictLook } from "./format.ts";
import { indent, spaced } from "./layout.ts";
import { drawnWidth, type TerminalOptions } from "./result.ts";

const MARGIN = 2;

/** Draws the verdict on a plain history for a person. Ends with a line feed. */
export function renderPlain(result: PlainResult, options: TerminalOptions): string {
  const paint = painter(options.colour);
  const { history, verdict, operations, checks } = printable(result);
  const look = verdictLook(verdict, paint);
  const { total, ok, fail, info } = operations;
  const counted =
    `${formatCount(total, "operation")} · ${formatNumber(ok)} ok · ${formatNumber(fail)} ` +
    `failed · ${formatNumber(info)} unknown`;
  const lines = [
    `${look.paint(paint.strong(`${look.mark} ${look.word}`))}  ${paint.strong(history)}`,
    ...indent([counted, "", ...checkLines(checks, paint, drawnWidth(options.width) - MARGIN)], MARGIN),
  ];
  return `${spaced(lines.join("\n"))}\n`;
}
