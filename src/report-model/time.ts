/** Nanoseconds on the run's clock as milliseconds, to a tenth: finer than anything that was looked at. */
export function ms(ns: number): number {
  return Math.round(ns / 1e5) / 10;
}
