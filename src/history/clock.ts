/** The clock of one run. Every `at` in its history comes from here. */
export interface RunClock {
  /** Whole nanoseconds since the run began; monotonic, so a step of the wall clock does not move it. */
  now(): number;
  /** Wall clock, ISO 8601, at which `now()` was 0. */
  readonly startedAt: string;
}

/**
 * Starts the clock of a run. A double holds whole nanoseconds exactly for 104 days (2^53 ns), far beyond
 * any drill, so plain numbers suffice and JSON can carry them.
 */
export function runClock(): RunClock {
  const origin = process.hrtime.bigint();
  const startedAt = new Date().toISOString();
  return { now: () => Number(process.hrtime.bigint() - origin), startedAt };
}
