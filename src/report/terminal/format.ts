import { stripVTControlCharacters } from "node:util";
import type { Verdict } from "../../model/outcome.ts";
import type { Paint } from "./colour.ts";

const LONG_MS = 10_000;
const MINUTE_MS = 60_000;

/** `8,412`; fractions to three places at most. */
export function formatNumber(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 3 });
}

/** `0.42 ms`, `4.1 ms`, `1,630 ms`, `24.1 s`, `3 min 5 s`: as exact as a reader can use. */
export function formatMs(ms: number): string {
  if (ms >= 2 * MINUTE_MS) {
    const seconds = Math.round(ms / 1000);
    return `${formatNumber(Math.floor(seconds / 60))} min ${seconds % 60} s`;
  }
  if (ms >= LONG_MS) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms.toLocaleString("en-US", { maximumFractionDigits: ms < 1 ? 2 : ms < 10 ? 1 : 0 })} ms`;
}

/** One unit for all of a column whose largest is `maxMs`, so that its numbers can be compared by eye. */
export function formatMsLike(maxMs: number): (ms: number) => string {
  if (maxMs < LONG_MS) return (ms) => `${formatNumber(Math.round(ms))} ms`;
  const hundredths = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return (ms) => `${(ms / 1000).toLocaleString("en-US", hundredths)} s`;
}

/** `1 node`, `6 nodes`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

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
