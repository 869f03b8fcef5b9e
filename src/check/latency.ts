import { build } from "hdr-histogram-js";
import type { Operation } from "../history/operations.ts";
import type { Result } from "../model/result.ts";
import { dueAt } from "./outage-of.ts";
import type { Span } from "./span.ts";
import { overlap } from "./stalls.ts";

/** The histogram holds microseconds up to this; what is longer counts as this. */
const LONGEST_US = 600_000_000;

/**
 * Latency of the probe's operations that ended ok (of all operations, where no probe ran), from the time at which each
 * was due: an operation that had to wait before it was sent waited all the same. Three significant digits. What was
 * under way while the tool itself stood still is left out: nobody can tell the servers' part of it.
 */
export function latencyOf(operations: readonly Operation[], stalls: readonly Span[]): Result["latency"] {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_US,
    numberOfSignificantValueDigits: 3,
  });
  const probes = operations.filter((operation) => operation.client === "probe");
  let leftOut = 0;
  for (const operation of probes.length > 0 ? probes : operations) {
    const { outcome, completedAt } = operation;
    if (outcome !== "ok" || completedAt === undefined) continue;
    if (stalls.length > 0 && overlap(stalls, { from: dueAt(operation), to: completedAt }) > 0) {
      leftOut += 1;
      continue;
    }
    const us = Math.round((completedAt - dueAt(operation)) / 1000);
    histogram.recordValue(Math.min(LONGEST_US, Math.max(1, us)));
  }
  const ms = (us: number) => Math.round(us) / 1000;
  const held = leftOut > 0 && { leftOut };
  if (histogram.totalCount === 0) return { p50Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0, ...held };
  const at = (percentile: number) => ms(histogram.getValueAtPercentile(percentile));
  return { p50Ms: at(50), p99Ms: at(99), p999Ms: at(99.9), maxMs: ms(histogram.maxValue), ...held };
}
