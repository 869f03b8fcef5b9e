import type { Result } from "../model/result.ts";
import { REPORT_FORMATS } from "../report/registry.ts";
import { wantsColour } from "../report/terminal/colour.ts";
import { drawnWidth } from "../report/terminal/result.ts";

/** Prints results on standard output, as a document or drawn. */
export function printResults(results: readonly Result[], json: boolean): void {
  const format = json ? REPORT_FORMATS.json : REPORT_FORMATS.terminal;
  const options = { colour: wantsColour(process.stdout), width: drawnWidth(process.stdout.columns) };
  process.stdout.write(format.render(results, options));
}
