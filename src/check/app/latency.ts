import { LASTING_NS } from "../../service/limits.ts";
import { dueAt } from "../../service/operation.ts";
import type { Facts } from "../facts.ts";
import { overlap } from "../stalls.ts";
import type { ProbeView } from "./probes.ts";

/** How long a probe waited for its answers, ms. What never went well counts as longer than anything. */
export interface ProbeLatency {
  /** So many were counted: what was sent outside of outages, and not while the tool itself stood still. */
  readonly counted: number;
  /** `Infinity`: that share was never answered well; `null`: nothing was counted. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** The longest good answer of all, in an outage too; `null`: there was none. */
  readonly maxMs: number | null;
}

/**
 * Outages have limits of their own: 99 of 100 answers are late in any failover that takes more than a hundredth of the
 * drill. A disturbance that is shorter than a lasting recovery counts here.
 */
export function probeLatency(facts: Facts, { sent, outages }: ProbeView): ProbeLatency {
  const long = outages.filter(
    ({ startAt, endAt, lastBadAt, firstBadAt }) =>
      endAt === undefined || endAt - startAt >= LASTING_NS || lastBadAt - firstBadAt >= LASTING_NS,
  );
  const counted = sent.filter((operation) => {
    const due = dueAt(operation);
    const { completedAt = facts.endedAt } = operation;
    return (
      !long.some(({ firstBadAt, endAt = Infinity }) => due >= firstBadAt && due < endAt) &&
      overlap(facts.stalls, { from: due, to: completedAt }) === 0
    );
  });
  const took = counted
    .map((operation) => {
      const { outcome, completedAt } = operation;
      return outcome === "ok" && completedAt !== undefined
        ? (completedAt - dueAt(operation)) / 1e6
        : Infinity;
    })
    .sort((a, b) => a - b);
  const good = sent.flatMap((operation) => {
    const { outcome, completedAt } = operation;
    return outcome === "ok" && completedAt !== undefined ? (completedAt - dueAt(operation)) / 1e6 : [];
  });
  return {
    counted: counted.length,
    p50Ms: atShare(took, 0.5),
    p99Ms: atShare(took, 0.99),
    maxMs: good.length === 0 ? null : good.reduce((a, b) => Math.max(a, b)),
  };
}

/** What this share does not exceed. */
function atShare(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}
