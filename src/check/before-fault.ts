import type { Result } from "../model/result.ts";
import type { Figures } from "./checker.ts";
import type { Facts } from "./facts.ts";
import { latencyOf } from "./latency.ts";
import { probeOperations } from "./observed-by.ts";

/**
 * How the service was before the first fault: the probe's latency at its fixed rate, and how much went through at most.
 */
export function beforeFaultOf(facts: Facts, figures: readonly Figures[]): Result["beforeFault"] {
  const faultAt = facts.faults[0]?.injectAt ?? Infinity;
  const writes = probeOperations(facts).filter(
    ({ f, outcome, completedAt }) =>
      f === "write" && outcome === "ok" && completedAt !== undefined && completedAt < faultAt,
  );
  const { p50Ms, p99Ms } = latencyOf(writes, facts.stalls);
  const [throughput] = figures.flatMap((one) => one.throughput ?? []);
  return { writes: writes.length === 0 ? null : { p50Ms, p99Ms }, throughput: throughput ?? null };
}
