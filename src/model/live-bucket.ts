/**
 * One bucket of time, whole: its number, how many operations ended ok, failed, ended unknown; half and 99% of those
 * that ended ok took at most so long, and the longest (ms; `null`: none did); errors by class. An operation stands
 * where it was due.
 */
export type LiveBucket = readonly [
  index: number,
  ok: number,
  fail: number,
  info: number,
  p50Ms: number | null,
  p99Ms: number | null,
  maxMs: number | null,
  errors: Readonly<Record<string, number>> | null,
];
