import { groupBy } from "../../base/group-by.ts";
import type { Operation } from "../../history/operations.ts";
import type { ProbeHeader } from "../../model/app.ts";
import { lateNs, TELLING } from "../../service/app-late.ts";
import { type Asked, dueAt } from "../../service/operation.ts";
import type { OutageInterval } from "../../service/outage-interval.ts";
import { outageIntervalsOf } from "../../service/outage-intervals.ts";
import type { Facts } from "../facts.ts";
import { once } from "../once.ts";
import { unobserved } from "../stalls.ts";

/** A probe of the application, and what came of it. Times in ns on the run's clock. */
export interface ProbeView {
  readonly probe: ProbeHeader;
  /** All that it asked, in order. */
  readonly operations: readonly Operation[];
  /** Of those, what was sent at a fixed rate: only that tells of outages. */
  readonly sent: readonly Operation[];
  /** When each of `sent` was due, rising. */
  readonly dues: readonly number[];
  /** An answer that comes later than this after it was due is no service, ns. */
  readonly lateNs: number;
  /** Every outage since the run began. */
  readonly outages: readonly OutageInterval[];
}

/** All probes, in the order in which the scenario has them. */
export const probeViews = once((facts: Facts): readonly ProbeView[] => {
  const byName = groupBy(facts.asked, ({ f }) => f);
  const until = observedUntil(facts);
  return (facts.header.app?.probes ?? []).map((probe) => {
    const isTold = probe.is === "delivered";
    const operations = isTold ? deliveries(facts, probe) : (byName.get(probe.name) ?? []);
    const sent = operations.filter(({ due }) => due !== undefined);
    const late = lateNs(usualNs(facts, sent));
    const isBad = (operation: Asked) => isBadFor(facts, operation, late);
    const settled = sent.flatMap((operation) => asSettled(operation, until, late));
    const outages = outageIntervalsOf(settled, { from: 0, to: until }, isBad);
    return { probe, operations, sent, dues: risingDues(sent), lateNs: late, outages };
  });
});

/** It did not end well, or too late for that probe; not for what the tool itself did not see of its answer. */
function isBadFor(facts: Facts, operation: Asked, late: number): boolean {
  const { outcome, completedAt = Infinity } = operation;
  const span = { from: dueAt(operation), to: completedAt };
  if (outcome !== "ok") return true;
  const took = span.to - span.from;
  return took > late && took - unobserved(facts, span) > late;
}

/**
 * What is delivered is asked for by each write that was acknowledged: it is due then, and goes well when the
 * application says so.
 */
function deliveries(facts: Facts, probe: ProbeHeader): readonly Operation[] {
  const first = new Map<string, number>();
  for (const { probe: name, id, at } of facts.observations("app-delivered"))
    if (name === probe.name && !first.has(id)) first.set(id, at);
  return writesOf(facts, probe)
    .filter(({ outcome, completedAt }) => outcome === "ok" && completedAt !== undefined)
    .map((write): Operation => {
      const due = write.completedAt as number;
      const at = first.get(write.key);
      const ended = at === undefined ? undefined : Math.max(due, at);
      const outcome = at === undefined ? "info" : "ok";
      return { ...write, f: probe.name, due, invokedAt: due, completedAt: ended, outcome };
    })
    .sort((a, b) => a.invokedAt - b.invokedAt);
}

/** The writes that a probe reads back, or whose effect it tells of: where it names none, all. */
export function writesOf(facts: Facts, { of }: Pick<ProbeHeader, "of">): readonly Operation[] {
  const names = (facts.header.app?.probes ?? [])
    .filter(({ is, name }) => is === "write" && (of === undefined || of === name))
    .map(({ name }) => name);
  return facts.asked.filter(({ f }) => names.includes(f));
}

/** Those that are sent at a fixed rate, and were. */
export function sentAtARate(facts: Facts): readonly ProbeView[] {
  return probeViews(facts).filter(({ sent }) => sent.length > 0);
}

/** When the application was asked to end for good: what it does from then on says nothing. */
export const observedUntil = once((facts: Facts): number => {
  const life = facts.observations("app");
  const lastStart = life.findLast(({ event }) => event === "started" || event === "ready")?.at ?? -1;
  const ending = life.find(({ event, at }) => event === "stopping" && at >= lastStart);
  return Math.min(ending?.at ?? Infinity, facts.endedAt);
});

/**
 * What waited for its answer when the look closed: for longer than any answer may take, it went badly; what was sent
 * just then says nothing.
 */
function asSettled(operation: Operation, until: number, late: number): Operation[] {
  if (operation.completedAt !== undefined && operation.completedAt <= until) return [operation];
  if (until - dueAt(operation) <= late) return [];
  return [{ ...operation, outcome: "info", completedAt: until }];
}

/**
 * What half of its good answers before the first fault took at the most, ns; where there are too few, a quarter of all:
 * most may have waited for a failover.
 */
function usualNs({ faults }: Facts, sent: readonly Operation[]): number {
  const faultAt = faults[0]?.injectAt ?? Infinity;
  const good = sent.filter(({ outcome, completedAt }) => outcome === "ok" && completedAt !== undefined);
  const before = good.filter(({ completedAt = Infinity }) => completedAt < faultAt);
  const isTelling = before.length >= TELLING;
  const took = (isTelling ? before : good)
    .map((operation) => (operation.completedAt as number) - dueAt(operation))
    .sort((a, b) => a - b);
  return took[isTelling ? took.length >> 1 : took.length >> 2] ?? 0;
}

/** One that was sent late was due before others. */
function risingDues(sent: readonly Operation[]): number[] {
  let latest = 0;
  return sent.map((operation) => {
    latest = Math.max(latest, dueAt(operation));
    return latest;
  });
}

/** How often it was answered what, the most frequent first: statuses, errors, `ok`. */
export function answersOf({ operations }: ProbeView): { readonly answer: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { outcome, error, completedAt } of operations) {
    const answer =
      error?.class ?? (outcome === "ok" ? "ok" : completedAt === undefined ? "no answer" : outcome);
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  return [...counts]
    .map(([answer, count]) => ({ answer, count }))
    .sort((a, b) => b.count - a.count || (a.answer < b.answer ? -1 : 1));
}

/** Did it ever go well, in whatever way it is asked? */
export function everWell(facts: Facts, { probe, operations }: ProbeView): boolean {
  if (operations.some(({ outcome }) => outcome === "ok")) return true;
  if (facts.observations("app-probe").some((one) => one.probe === probe.name && one.ok)) return true;
  return facts.observations("app-delivered").some((one) => one.probe === probe.name);
}

/** The answer that it got most often, or last, in words: `412 times HTTP-404 (Cannot POST /order)`. */
export function worstAnswer(facts: Facts, { probe, operations }: ProbeView): string {
  const failed = operations.filter(({ outcome }) => outcome !== "ok");
  const counts = groupBy(failed, ({ error }) => error?.class ?? "no answer");
  const [most] = [...counts].sort(([, a], [, b]) => b.length - a.length);
  const seen = facts.observations("app-probe").findLast((one) => one.probe === probe.name && !one.ok);
  if (!most) return seen ? seen.seen : "it was never sent";
  const [answer, those] = most;
  const { message = "" } = those.at(-1)?.error ?? {};
  const body = message === "" || message === answer ? "" : ` (${firstLine(message)})`;
  return `${those.length} of ${operations.length} times ${answer}${body}`;
}

const MOST_CHARACTERS = 160;

/** The first line that says something, cut to a length that fits a sentence. */
export function firstLine(text: string): string {
  const line = text.split("\n").find((one) => one.trim() !== "") ?? "";
  const clean = line.trim();
  return clean.length > MOST_CHARACTERS ? `${clean.slice(0, MOST_CHARACTERS)}…` : clean;
}
