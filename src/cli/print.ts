import type { PlainResult } from "../model/plain-result.ts";
import type { Result } from "../model/result.ts";
import { REPORT_FORMATS } from "../report/registry.ts";
import { wantsColour } from "../report/terminal/colour.ts";
import { renderPlain } from "../report/terminal/plain.ts";
import { drawnWidth, type TerminalOptions } from "../report/terminal/result.ts";

/** Prints results on standard output, as a document or drawn. */
export function printResults(results: readonly Result[], json: boolean): void {
  const format = json ? REPORT_FORMATS.json : REPORT_FORMATS.terminal;
  process.stdout.write(format.render(results, terminalNow()));
}

/** The same for the verdict on a plain history. */
export function printPlain(result: PlainResult, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : renderPlain(result, terminalNow()));
}

function terminalNow(): TerminalOptions {
  return { colour: wantsColour(process.stdout), width: drawnWidth(process.stdout.columns) };
}
