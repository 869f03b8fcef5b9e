/* How numbers are written, in a terminal, a file or a page: no import, so that a page can have it too. */

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

/** `640 kB`, `81 MB`, `1.2 GB`, in powers of 1000. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${Math.round(bytes / 1e6)} MB`;
  return `${Math.ceil(bytes / 1000)} kB`;
}
