/*
 *   probe   ├──────────────────── must send ────────────────────┤
 *           before the fault ─ outage ─ lasting recovery ─ fault undone, roles settled (or: as far as the drill went)
 */

import type { OutageInterval } from "../service/outage-interval.ts";
import { type Facts, type FaultWindow, shardOfNode } from "./facts.ts";
import { attributedUntil, windowEnd } from "./losses.ts";
import { type Kind, lastDue, longestSilence, observedBy } from "./observed-by.ts";
import { type Span, sharedNs } from "./span.ts";

/** One fault, and the keys that are asked about. */
export interface Around {
  readonly fault: FaultWindow;
  /** Absent in HA: all keys. */
  readonly shards?: readonly number[];
  readonly writes: readonly OutageInterval[];
  readonly reads: readonly OutageInterval[];
}

/** What the probe did not see of what had to be seen: the time in which it sent nothing. */
export interface Lack extends Span {
  /**
   * - `never`: it sent none at all; `late`: its first came after the fault
   * - `stopped-before`: it had been stopped before the fault, and sent none until all was over
   * - `stopped`: it was stopped, or could not see, in between
   */
  readonly how: "never" | "late" | "stopped-before" | "stopped";
  readonly shard?: number;
}

/** From the fault until its effects were over: over this time the probe must have sent. */
export function neededAround(facts: Facts, around: Around): Span {
  return { from: around.fault.injectAt, to: effectsOver(facts, around) };
}

/** What is lacking of that; `undefined`: nothing is. */
export function lackAround(facts: Facts, kind: Kind, around: Around): Lack | undefined {
  const need = neededAround(facts, around);
  const silences = (around.shards ?? [undefined]).map((shard) => ({
    shard,
    ...longestSilence(facts, kind, need, shard),
  }));
  const late = silences.find(({ from }) => from === -Infinity);
  if (late) return { ...late, how: late.to === need.to ? "never" : "late" };
  if (silences.length === 0) return undefined; // nobody has keys there
  // What is over at once, as connections that are dropped, has its effects afterwards: without a look at that nothing was seen.
  const last = lastDue(facts, kind);
  if (last < need.from) return { from: last, to: Infinity, how: "stopped-before" };
  const gap = longestGap(facts, kind, need);
  if (!gap) return undefined;
  return { ...gap, how: gap.from <= need.from && gap.to >= need.to ? "stopped-before" : "stopped" };
}

/** Of the times in which nothing was observed, the longest within what must have been. */
function longestGap(facts: Facts, kind: Kind, need: Span): Span | undefined {
  const intervals = observedBy(facts, kind);
  const gaps = intervals.map(({ to }, n) => ({ from: to, to: intervals[n + 1]?.from ?? Infinity }));
  return gaps
    .filter(({ from, to }) => from < need.to && to > need.from)
    .toSorted((a, b) => sharedNs(b, need) - sharedNs(a, need))[0];
}

/**
 * When the effects of a fault on these keys were over, as far as the drill went: it was undone, all roles of its shards had settled, and
 * every outage had ended. Of one that stays in force, and led to nothing that ended, nobody knows.
 */
function effectsOver(facts: Facts, { fault, shards, writes, reads }: Around): number {
  const acted = Math.max(
    fault.injectAt,
    ...facts.steps.slice(-1).map((step) => step.at),
    ...facts.faults.flatMap(({ injectAt, healedAt = 0 }) => [injectAt, healedAt]),
  );
  const end = Math.min(windowEnd(facts, fault), acted);
  const ends = [...writes, ...reads].flatMap(({ endAt }) => endAt ?? []);
  const isOpen = [...writes, ...reads].some(({ endAt }) => endAt === undefined);
  if (isOpen || (fault.healedAt === undefined && ends.length === 0)) return end;
  const until = attributedUntil(facts, fault);
  const roles = facts.topology.filter(({ event, subject, at }) => {
    if (event !== "role" || subject === undefined || at < fault.injectAt || at > until) return false;
    return shards === undefined || shards.includes(shardOfNode(facts, subject) as number);
  });
  return Math.min(end, Math.max(fault.injectAt, fault.healedAt ?? 0, ...ends, ...roles.map(({ at }) => at)));
}
