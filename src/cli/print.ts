import type { PlainResult } from "../model/plain-result.ts";
import type { Result } from "../model/result.ts";
import { REPORT_FORMATS } from "../report/registry.ts";
import { renderPlain } from "../report/terminal/plain-history.ts";
import { printDocument, terminalNow } from "./document.ts";

/** Prints results on standard output, as a document or drawn. */
export function printResults(results: readonly Result[], json: boolean): void {
  const format = json ? REPORT_FORMATS.json : REPORT_FORMATS.terminal;
  process.stdout.write(format.render(results, terminalNow()));
}

/** The same for the verdict on a plain history. */
export function printPlain(result: PlainResult, json: boolean): void {
  printDocument(result, json, (options) => renderPlain(result, options));
}
