import type { Operation } from "../../history/operations.ts";
import { dueAt } from "../../service/operation.ts";
import type { OutageInterval } from "../../service/outage-interval.ts";
import { type Facts, type FaultWindow, toMs } from "../facts.ts";
import { once } from "../once.ts";
import { unobserved } from "../stalls.ts";
import { observedUntil, type ProbeView, sentAtARate } from "./probes.ts";
import { longestWell, wellFrom } from "./servers-well.ts";

/*
 *   fault │ servers fail over │ servers well ── the application goes wrong all the same ──────────▶ hung
 *         └───────────────────┴──────────── outage of a probe ─────────────────────────────────▶
 */

/** An outage of a probe after a fault. Times in ns on the run's clock. */
export interface AppOutage {
  readonly view: ProbeView;
  readonly interval: OutageInterval;
  /** The fault that came before it, and from when its recovery counts: the fault, or the end of it. */
  readonly fault: FaultWindow;
  readonly since: number;
  /** How long in one go the servers were well while it surely lasted, ns. */
  readonly wellNs: number;
  /** From when on they were; absent: not at all. */
  readonly wellSince?: number;
  /** What went wrong while they were well, and all that was sent then. */
  readonly failed: readonly Operation[];
  readonly sent: readonly Operation[];
  /** What ended it, where it was not the application itself. */
  readonly freedBy?: Freed;
}

/** Something outside of the application after which it went well again. */
export interface Freed {
  readonly by: "healed" | "restarted";
  readonly at: number;
  readonly fault?: FaultWindow;
}

/**
 * A client that has not found the new primary after so long waits for the old one: retries of the libraries that we
 * know come every five seconds at least.
 */
export const STUCK_MS = 6500;
/** However strict a scenario is: less may be one retry. */
const LEAST_STUCK_MS = 2000;
/** Of a drill that was cut short nobody knows whether the application would have recovered by itself. */
const CUT_SHORT = 2;
/** It is the end of a fault that frees an application, if that recovers so soon after. */
const FREED_WITHIN_MS = 3000;

/** How long the application may go wrong though the servers are well, ms. */
export function patienceMs({ header, complete }: Facts): number {
  const { recoversWithinMs = Infinity } = header.expect.app ?? {};
  const least = Math.max(LEAST_STUCK_MS, recoversWithinMs);
  return Math.min(STUCK_MS, least) * (complete ? 1 : CUT_SHORT);
}

/** Every outage that began after a fault, or by it, in order of time. */
export const appOutages = once((facts: Facts): readonly AppOutage[] =>
  sentAtARate(facts)
    .flatMap((view) => view.outages.flatMap((interval) => outageOf(facts, view, interval)))
    .sort((a, b) => a.interval.startAt - b.interval.startAt),
);

function outageOf(facts: Facts, view: ProbeView, interval: OutageInterval): AppOutage[] {
  const origin = originOf(facts, view, interval);
  if (!origin) return [];
  const from = Math.max(interval.startAt, origin.since);
  const surely = { from, to: Math.max(interval.lastBadAt, from) };
  const wellSince = wellFrom(facts, surely);
  const freed = freedBy(facts, interval, wellSince);
  const to = Math.min(surely.to, freed?.at ?? Infinity);
  const sent = view.sent.filter((one) => dueAt(one) >= (wellSince ?? Infinity) && dueAt(one) <= to);
  return [
    {
      ...{ view, interval, ...origin, sent },
      wellNs: longestWell(facts, { from, to: Math.max(from, to) }),
      ...(wellSince !== undefined && { wellSince }),
      // What was answered only once something else had freed it hung until then.
      failed: sent.filter(({ outcome, completedAt = Infinity }) => outcome !== "ok" || completedAt > to),
      ...(freed && { freedBy: freed }),
    },
  ];
}

/** Moments at which a fault came or went. What is due right before one may still be hit by it. */
function originOf(
  facts: Facts,
  { lateNs }: ProbeView,
  interval: OutageInterval,
): Pick<AppOutage, "fault" | "since"> | undefined {
  const until = Math.min(interval.firstBadAt + lateNs, interval.endAt ?? Infinity);
  const moments = facts.faults.flatMap((fault) =>
    [fault.injectAt, fault.healAt ?? fault.healedAt]
      .filter((at) => at !== undefined)
      .map((since) => ({ fault, since })),
  );
  const last = moments.filter(({ since }) => since <= until).toSorted((a, b) => b.since - a.since)[0];
  // What its own restart brought about, which somebody asked for, is no fault's doing.
  const isStopped = facts
    .observations("app")
    .some(({ event, at }) => event === "stopping" && at > (last?.since ?? 0) && at <= until);
  return isStopped ? undefined : last;
}

function freedBy(facts: Facts, { endAt }: OutageInterval, wellSince?: number): Freed | undefined {
  if (endAt === undefined || wellSince === undefined) return undefined;
  const isIn = (at: number) => at > wellSince && at <= endAt;
  const restart = askedRestarts(facts).find(isIn);
  if (restart !== undefined) return { by: "restarted", at: restart };
  const healed = facts.faults.flatMap((fault) => {
    const at = fault.healAt ?? fault.healedAt;
    return at !== undefined && isIn(at) && endAt - at <= FREED_WITHIN_MS * 1e6 ? [{ fault, at }] : [];
  });
  const last = healed.at(-1);
  return last && { by: "healed", ...last };
}

/** When somebody had an instance end and started it again. */
function askedRestarts(facts: Facts): number[] {
  const life = facts.observations("app");
  return life
    .filter(({ event, start = 1 }) => event === "started" && start > 1)
    .filter(({ instance, at }) => {
      const before = life.findLast(
        (one) => one.instance === instance && one.at < at && ENDS.includes(one.event),
      );
      return before !== undefined && before.event !== "exited";
    })
    .map(({ at }) => at);
}

const ENDS: readonly string[] = ["exited", "stopping", "stopped", "killed"];

/** What became of an outage. */
export type Ending =
  /** It ended by itself, or nobody saw yet that it does not. */
  | "none"
  /** The instances that failed had ended by themselves, and were not there again. */
  | "died"
  /** Nothing of what an instance was asked went well, though the servers were well for long enough. */
  | "stuck"
  /** The same of a part of it. */
  | "failing";

/** Of what an instance was asked, so much must have failed for it to hang. */
const STUCK_SHARE = 0.5;

/** What is held against the application: only what went wrong while the servers were well. */
export function endingOf(facts: Facts, outage: AppOutage): Ending {
  const { interval, wellNs, failed, since, freedBy: freed } = outage;
  if ((interval.endAt !== undefined && !freed) || failed.length === 0) return "none";
  if (isDead(facts, outage)) return "died";
  const { recoversWithinMs: grantedMs = 0 } = facts.header.expect.app ?? {};
  if (wellNs < patienceMs(facts) * 1e6 || interval.lastBadAt - since < grantedMs * 1e6) return "none";
  if (stuckInstances(outage).length === 0) return "failing";
  return interval.seeminglyEndAt === undefined ? "stuck" : "none";
}

/** The instances that answered less than half of what they were asked, while the servers were well. */
export function stuckInstances({ sent, failed }: AppOutage): string[] {
  const names = [...new Set(failed.map(({ client }) => client))].sort();
  const count = (of: readonly Operation[], name: string) => of.filter(({ client }) => client === name).length;
  return names.filter((name) => count(failed, name) >= count(sent, name) * STUCK_SHARE);
}

function isDead(facts: Facts, { failed, interval }: AppOutage): boolean {
  const names = new Set(failed.map(({ client }) => client));
  const to = interval.endAt ?? observedUntil(facts);
  return [...names].every((name) => {
    const life = facts.observations("app").filter(({ instance, at }) => instance === name && at <= to);
    return life.at(-1)?.event === "exited";
  });
}

/** A recovery that came later than the scenario says, if at all. */
export interface TooLate {
  readonly outage: AppOutage;
  /** From when on it counts: the last fault before the time was up. */
  readonly since: number;
  /** It lasted for so long at the least, without what the tool did not see; and at the most. ms. */
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Those that may be too late, certain or not. */
export function tooLate(facts: Facts, limitMs: number): TooLate[] {
  return appOutages(facts).flatMap((outage): TooLate[] => {
    const { interval } = outage;
    const to = interval.endAt ?? interval.seeminglyEndAt ?? interval.seenUntil;
    let { since } = outage;
    for (const { injectAt } of facts.faults)
      if (injectAt > since && injectAt <= since + limitMs * 1e6 && injectAt < to) since = injectAt;
    const sure = { from: since, to: Math.max(since, interval.lastBadAt) };
    const mostMs = (to - since) / 1e6;
    const leastMs = (sure.to - sure.from - unobserved(facts, sure)) / 1e6;
    return mostMs > limitMs ? [{ outage, since, leastMs: Math.max(0, leastMs), mostMs }] : [];
  });
}

/**
 * The longest time from a fault, or its end, until all went well again by itself, ms; `null`: it did not, or nobody can
 * tell.
 */
export function recoveredAfterMs(facts: Facts): number | null {
  if (facts.faults.length === 0 || sentAtARate(facts).length === 0) return null;
  const took = appOutages(facts).map(({ since, interval, freedBy: freed }) =>
    interval.endAt === undefined || freed?.by === "restarted" ? Infinity : interval.endAt - since,
  );
  const most = Math.max(0, ...took);
  return Number.isFinite(most) ? toMs(most) : null;
}
