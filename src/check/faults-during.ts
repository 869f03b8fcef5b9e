import type { Facts, FaultWindow } from "./facts.ts";
import { type Span, sharedNs } from "./span.ts";

/** The faults that were in force at some time of a span, in order of injection. */
export function faultsIn(facts: Facts, { from, to }: Span): FaultWindow[] {
  return facts.faults.filter((one) => one.injectAt < to && overAt(one) > from);
}

/** As on a timeline: `primary killed`. */
export function faultName({ label, fault, targets }: FaultWindow): string {
  return label ?? `${fault} ${targets.join(", ")}`;
}

/**
 * Goes on from what took long: which faults were in force meanwhile. The fault itself is told only where it ended in
 * that time, and lasted for half of it: that it goes on is no news.
 */
export function faultsDuring(facts: Facts, fault: FaultWindow, { from, to }: Span): string {
  const isNews = (one: FaultWindow) =>
    one !== fault || (overAt(one) < to && overAt(one) - Math.max(one.injectAt, from) > (to - from) / 2);
  const names = faultsIn(facts, { from, to }).filter(isNews).map(faultName);
  return names.length === 0 ? "" : `; in force meanwhile: ${[...new Set(names)].join(", ")}`;
}

/** For how much of the span the fault was in force, ns. */
export function inForce(one: FaultWindow, span: Span): number {
  return sharedNs({ from: one.injectAt, to: overAt(one) }, span);
}

function overAt({ healAt, healedAt }: FaultWindow): number {
  return healedAt ?? healAt ?? Infinity;
}
