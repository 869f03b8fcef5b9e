/** Bounds of a check, counted and not measured, so that the same history has the same verdict on every machine. */
export interface Limits {
  /** Operations looked at, over all keys. */
  readonly steps: number;
  /** Numbers of 4 bytes that remembered configurations take, at one time. */
  readonly cells: number;
}

/** At the most about ten seconds on a machine of 2020 (10 million steps a second were seen), and 256 MB. */
export const DEFAULT_LIMITS: Limits = { steps: 100_000_000, cells: 64_000_000 };

/** What is left of the steps. */
export interface Budget {
  steps: number;
  readonly cells: number;
}
