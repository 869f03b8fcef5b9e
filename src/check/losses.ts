import type { Facts, FaultWindow } from "./facts.ts";

/** The faults that took a primary away: one of their targets was a primary, and stopped answering. */
export function primaryLosses(facts: Facts): FaultWindow[] {
  return facts.faults.filter((fault) =>
    fault.primaries.some((primary) =>
      facts.topology.some(
        ({ event, subject, to, at }) =>
          event === "reachable" &&
          subject === primary &&
          to === "no" &&
          at >= fault.injectAt &&
          at < (fault.healAt ?? Infinity),
      ),
    ),
  );
}

/** When the next loss of a primary after this one began, or the run ended: until then what is seen belongs to this one. */
export function windowEnd(facts: Facts, fault: FaultWindow): number {
  const later = primaryLosses(facts).filter((other) => other.injectAt > fault.injectAt);
  return Math.min(facts.endedAt, ...later.map((other) => other.injectAt));
}
