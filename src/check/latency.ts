import { Histogram } from "../base/histogram.ts";
import type { Operation } from "../history/operations.ts";
import type { Result } from "../model/result.ts";
import { dueAt } from "../service/operation.ts";
import type { Span } from "./span.ts";
import { overlap } from "./stalls.ts";

/**
 * Latency of the probe's operations that ended ok (of all operations, where no probe ran), from the time at which each was due: an operation that had to wait before it
 * was sent waited all the same. Three significant digits. What was under way while the tool itself stood still is left out: nobody can tell the
 * servers' part of it.
 */
export function latencyOf(operations: readonly Operation[], stalls: readonly Span[]): Result["latency"] {
  const histogram = new Histogram(3);
  const probes = operations.filter((operation) => operation.client === "probe");
  let leftOut = 0;
  for (const operation of probes.length > 0 ? probes : operations) {
    const { outcome, completedAt } = operation;
    if (outcome !== "ok" || completedAt === undefined) continue;
    if (stalls.length > 0 && overlap(stalls, { from: dueAt(operation), to: completedAt }) > 0) {
      leftOut += 1;
      continue;
    }
    histogram.add(Math.max(1, (completedAt - dueAt(operation)) / 1000));
  }
  const ms = (us: number) => Math.round(us) / 1000;
  const held = leftOut > 0 && { leftOut };
  const at = (share: number) => ms(histogram.atShare(share) ?? 0);
  return { p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: ms(histogram.max), ...held };
}
