import { stripVTControlCharacters } from "node:util";
import type { Verdict } from "../../model/outcome.ts";
import { formatNumber } from "../numbers.ts";
import type { Paint } from "./colour.ts";

export { formatCount, formatMs, formatMsLike, formatNumber } from "../numbers.ts";

/** `… and 990 more`, or nothing. */
export function formatRest(total: number, shown: number): string | undefined {
  return total > shown ? `… and ${formatNumber(total - shown)} more` : undefined;
}

/** A mark and a word for a verdict, each readable without its colour. */
export function verdictLook(verdict: Verdict, paint: Paint) {
  return {
    pass: { mark: "✓", word: "PASS", paint: paint.good },
    fail: { mark: "✗", word: "FAIL", paint: paint.bad },
    unknown: { mark: "?", word: "UNKNOWN", paint: paint.doubt },
  }[verdict];
}

/**
 * The same data with every text in it safe to print: keys, values and errors come from servers and may hold
 * escape codes.
 */
export function printable<T>(data: T): T {
  return clean(data) as T;
}

function clean(data: unknown): unknown {
  if (typeof data === "string") return cleanText(data);
  if (Array.isArray(data)) return data.map(clean);
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [cleanText(key), clean(value)]));
}

function cleanText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, " ");
}
