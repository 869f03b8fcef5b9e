/** An interval of time, ns on the run's clock. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How much of one span lies within the other, ns. */
export function sharedNs(one: Span, other: Span): number {
  return Math.max(0, Math.min(one.to, other.to) - Math.max(one.from, other.from));
}
