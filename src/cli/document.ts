import { wantsColour } from "../report/terminal/colour.ts";
import { drawnWidth, type TerminalOptions } from "../report/terminal/result.ts";

/** Prints a document on standard output: as JSON and nothing else, or drawn for this terminal. */
export function printDocument(
  document: unknown,
  json: boolean | undefined,
  drawn: (options: TerminalOptions) => string,
): void {
  process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : drawn(terminalNow()));
}

export function terminalNow(): TerminalOptions {
  return { colour: wantsColour(process.stdout), width: drawnWidth(process.stdout.columns) };
}
