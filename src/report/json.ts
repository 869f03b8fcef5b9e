import type { Result } from "../model/result.ts";

/** The document that `--json` prints: one result as an object, several as an array. Ends with a line feed. */
export function renderJson(results: readonly Result[]): string {
  const [only] = results;
  const document = results.length === 1 ? only : results;
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
