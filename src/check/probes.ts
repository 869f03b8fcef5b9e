import type { Operation } from "../history/operations.ts";
import { dueAt } from "../service/operation.ts";
import type { OutageInterval } from "../service/outage-interval.ts";
import { outageIntervalsOf } from "../service/outage-intervals.ts";
import type { Facts, FaultWindow } from "./facts.ts";
import { lackAround } from "./fault-coverage.ts";
import { disruptiveFaults, windowEnd } from "./losses.ts";
import { type Kind, observedBy, type Stream, streamsOf } from "./observed-by.ts";
import { once } from "./once.ts";
import { hitsTheSame, shardsHit } from "./shards-hit.ts";
import type { Span } from "./span.ts";

/** What one fault did to one group of keys. */
export interface FaultOutage {
  readonly fault: FaultWindow;
  /** `hit`: the shards that the fault hit (in HA: everything); `others`: the rest of the cluster. */
  readonly group: "hit" | "others";
  /** Of the keys in question; absent in HA: all. */
  readonly shards?: readonly number[];
  readonly writes: readonly OutageInterval[];
  readonly reads: readonly OutageInterval[];
  /** Did the probe send them from before the fault until its effects were over? Without that, no interval says nothing. */
  readonly measured: { readonly writes: boolean; readonly reads: boolean };
}

/** What each of the faults did to the keys of the shards that it hit, and (cluster) to those of the others. */
export function outagesOf(facts: Facts, faults: readonly FaultWindow[]): FaultOutage[] {
  const known = outagesByFault(facts);
  return faults.flatMap((fault) => {
    const outages = known.get(fault) ?? measure(facts, fault);
    known.set(fault, outages);
    return outages;
  });
}

/** Checkers and counts ask for the same ones again and again. */
const outagesByFault = once((_: Facts) => new Map<FaultWindow, readonly FaultOutage[]>());

function measure(facts: Facts, fault: FaultWindow): FaultOutage[] {
  const { writes, reads } = streamsOf(facts);
  const outage = (group: FaultOutage["group"], shards?: readonly number[]): FaultOutage => {
    const own = { writes: toShards(writes, shards), reads: toShards(reads, shards) };
    const around = {
      fault,
      shards,
      writes: intervalsIn(facts, "writes", own.writes, fault, group),
      reads: intervalsIn(facts, "reads", own.reads, fault, group),
    };
    const saw = (kind: Kind) => lackAround(facts, kind, around) === undefined;
    return { ...around, group, measured: { writes: saw("writes"), reads: saw("reads") } };
  };
  if (facts.header.topology.shards.length === 0) return [outage("hit")];
  const all = facts.header.topology.shards.filter(({ slots }) => slots.length > 0).map(({ shard }) => shard);
  const hit = shardsHit(facts, fault).filter((shard) => all.includes(shard));
  const under = underAnother(facts, fault);
  const others = all.filter((shard) => !hit.includes(shard) && !under.includes(shard));
  return others.length > 0 ? [outage("hit", hit), outage("others", others)] : [outage("hit", hit)];
}

/** Shards that an earlier fault had hit, and that had not recovered from it when this one came: how they are is that one's doing. */
function underAnother(facts: Facts, fault: FaultWindow): readonly number[] {
  const earlier = disruptiveFaults(facts).filter(
    (other) => other.injectAt < fault.injectAt && !hitsTheSame(facts, other, fault),
  );
  return earlier.flatMap((other) => {
    const own = outagesOf(facts, [other]).find(({ group }) => group === "hit");
    const isOpen = [...(own?.writes ?? []), ...(own?.reads ?? [])].some(
      ({ startAt, endAt = Infinity }) => startAt <= fault.injectAt && endAt > fault.injectAt,
    );
    return isOpen ? shardsHit(facts, other) : [];
  });
}

/**
 * The intervals of a fault's own window. Of the keys that it hit, a fault elsewhere does not end it. What had not ended when another fault came, while this one was still in force, goes on: it is
 * followed until it ended, or until the last fault in force with it was over.
 */
function intervalsIn(
  facts: Facts,
  kind: Kind,
  operations: readonly Operation[],
  fault: FaultWindow,
  group: FaultOutage["group"],
): OutageInterval[] {
  const from = fault.injectAt;
  let own = windowEnd(facts, fault);
  const isOpen = (intervals: readonly OutageInterval[]) => intervals.some(({ endAt }) => endAt === undefined);
  const together = [fault];
  let to = own;
  const observed = observedBy(facts, kind);
  let found = intervalsSeen(operations, observed, { from, to });
  for (const next of disruptiveFaults(facts)) {
    const inForce = together.some(({ healAt, healedAt = Infinity }) => (healAt ?? healedAt) > next.injectAt);
    const isElsewhere = group === "hit" && !hitsTheSame(facts, fault, next);
    if (next.injectAt !== to || !(isElsewhere || (inForce && isOpen(found)))) continue;
    if (!isElsewhere) together.push(next);
    to = windowEnd(facts, next);
    if (isElsewhere) own = Math.max(own, to);
    found = intervalsSeen(operations, observed, { from, to }).filter(({ startAt }) => startAt < own);
  }
  return found;
}

/**
 * The intervals of the window, in each time over which the probe sent by itself: what began before the probe was stopped, or ended after,
 * has no end, or no beginning, that anybody saw.
 */
export function intervalsSeen(
  operations: readonly Operation[],
  observed: readonly Span[],
  window: Span,
): OutageInterval[] {
  const [first, last] = [operations[0], operations.at(-1)];
  const [whole] = observed;
  if (whole && first && last && dueAt(first) >= whole.from && dueAt(last) <= whole.to)
    return outageIntervalsOf(operations, window);
  return observed.flatMap(({ from, to }) => {
    const own = operations.filter((operation) => dueAt(operation) >= from && dueAt(operation) <= to);
    return outageIntervalsOf(own, { from: Math.max(window.from, from), to: window.to });
  });
}

/** @param shards undefined: all */
function toShards({ operations, shards }: Stream, wanted?: readonly number[]): readonly Operation[] {
  if (!wanted) return operations;
  return operations.filter((_, n) => wanted.includes(shards[n] as number));
}
