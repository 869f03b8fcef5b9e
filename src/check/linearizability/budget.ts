/** Bounds of a check, counted and not measured, so that the same history has the same verdict on every machine. */
export interface Limits {
  /** Operations looked at, over all keys. */
  readonly steps: number;
  /** What the search of one key may keep in memory, beside the history. Keys are searched one after the other. */
  readonly bytes: number;
}

/** At the most about ten seconds on a machine of 2020 (10 million steps a second were seen), and 128 MB. */
export const DEFAULT_LIMITS: Limits = { steps: 100_000_000, bytes: 128_000_000 };

/** What is left of the steps. */
export interface Budget {
  steps: number;
  readonly bytes: number;
}
