/** Of several measures. `null`: none was measured; `endless`: it did not end. */
export interface Spread {
  readonly median: number | "endless" | null;
  readonly worst: number | "endless" | null;
}

/** Median and worst of the values; `Infinity` stands for what did not end. */
export function spread(
  values: readonly number[],
  worstOf: (...values: number[]) => number = Math.max,
): Spread {
  if (values.length === 0) return { median: null, worst: null };
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2;
  const known = (value: number) => (Number.isFinite(value) ? value : ("endless" as const));
  return { median: known(median), worst: known(worstOf(...sorted)) };
}
