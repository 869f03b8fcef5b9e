import type { Result } from "../../model/result.ts";

/** Labels of a sample, by their names. */
export type Labels = Readonly<Record<string, string>>;

/** One sample of a metric. */
export type Sample = readonly [labels: Labels, value: number];

/** A metric: a gauge, as all of them are. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  /** What of a result it tells; nothing where that was not measured. */
  samples(result: Result): readonly Sample[];
}

/** Without the digits that dividing makes up. */
export function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(6));
}

/** A sample for each value, told apart by one label. */
export function numbers(label: string, values: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(values).map(([name, value]) => [{ [label]: name }, value]);
}
