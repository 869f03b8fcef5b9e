import type { Result } from "../model/result.ts";
import { renderJson } from "./json.ts";
import { renderResult, type TerminalOptions } from "./terminal/result.ts";
import { renderSummary } from "./terminal/summary.ts";

/** A way to write results down. */
export interface ReportFormat {
  /** One line, for help and `list`. */
  readonly summary: string;
  /** The whole text, ending with a line feed. `options` matter to formats that are drawn for a terminal. */
  render(results: readonly Result[], options: TerminalOptions): string;
}

/** Every format, by the name that the command line knows it by. */
export const REPORT_FORMATS = formats({
  terminal: {
    summary: "for a person at a terminal",
    render: (results, options) =>
      [
        ...results.map((result) => renderResult(result, options)),
        ...(results.length > 1 ? [renderSummary(results, options)] : []),
      ].join("\n"),
  },
  json: {
    summary: "the result document, by schema/result.schema.json",
    render: (results) => renderJson(results),
  },
});

/** The name of a format. */
export type ReportFormatName = keyof typeof REPORT_FORMATS;

/** Keeps the names as a type. */
function formats<Name extends string>(all: Record<Name, ReportFormat>): Readonly<Record<Name, ReportFormat>> {
  return all;
}
