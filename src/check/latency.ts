import { build } from "hdr-histogram-js";
import type { Operation } from "../history/operations.ts";
import type { Result } from "../model/result.ts";

/** The histogram holds microseconds up to this; what is longer counts as this. */
const LONGEST_US = 600_000_000;

/**
 * Latency of the probe's operations that ended ok (of all operations, where no probe ran), from the time at which each was due: an operation that had to wait before it
 * was sent waited all the same. Three significant digits.
 */
export function latencyOf(operations: readonly Operation[]): Result["latency"] {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_US,
    numberOfSignificantValueDigits: 3,
  });
  const probes = operations.filter((operation) => operation.client === "probe");
  for (const { outcome, due, invokedAt, completedAt } of probes.length > 0 ? probes : operations) {
    if (outcome !== "ok" || completedAt === undefined) continue;
    const us = Math.round((completedAt - (due ?? invokedAt)) / 1000);
    histogram.recordValue(Math.min(LONGEST_US, Math.max(1, us)));
  }
  const ms = (us: number) => Math.round(us) / 1000;
  if (histogram.totalCount === 0) return { p50Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 };
  const at = (percentile: number) => ms(histogram.getValueAtPercentile(percentile));
  return { p50Ms: at(50), p99Ms: at(99), p999Ms: at(99.9), maxMs: ms(histogram.maxValue) };
}
