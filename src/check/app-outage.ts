import { certainNs, lengthOf, longest, type OutageInterval } from "../service/outage-interval.ts";
import { everOk, rightBefore, sentAround, sentOftenEnough, viewNamed } from "./app/coverage.ts";
import { expectedOf, limited } from "./app/expected.ts";
import { probeLatency } from "./app/latency.ts";
import type { ProbeView } from "./app/probes.ts";
import {
  type Checker,
  duration,
  type EvidenceTable,
  plural,
  type Requirement,
  type StalledFound,
} from "./checker.ts";
import { asks } from "./expectations.ts";
import { type Facts, toMs, toSeconds } from "./facts.ts";
import { boundsOf } from "./outage-bounds.ts";
import { stalledWords } from "./stalled-words.ts";
import { aftermathOf, stallsAt } from "./stalls.ts";

const ADD = `Let the probe be sent at a fixed rate: "every: 50ms"`;
const JUDGED = ["probes.*.outageMs", "probes.*.p99Ms"];

/** Each probe's longest time without a success, and how long its answers took, against the scenario's limits. */
export const appOutage: Checker = {
  name: "app-outage",
  summary:
    "each probe of the application: its longest outage and its 99th percentile within the scenario's limits",
  judges: JUDGED.map((path) => ({ path, add: ADD })),
  applies: (facts) => facts.header.app !== undefined && JUDGED.some((path) => asks(facts, path)),
  requires,
  stalled,
  check(facts) {
    const views = judgedViews(facts);
    const evidence = { tables: tablesOf(facts, views) };
    for (const { probe, outages } of views) {
      const { outageMs: limitMs = Infinity } = expectedOf(facts, probe.name);
      const over = worstOf(outages.filter((one) => certainNs(one) / 1e6 > limitMs));
      if (!over) continue;
      const length = duration(lengthOf(over) / 1e6);
      const ended = over.endAt !== undefined && !over.startUnseen;
      const long = ended ? length : `${duration(certainNs(over) / 1e6)} at the least`;
      const from = toSeconds(over.startAt);
      const summary = `${probe.name} failed for ${long} from ${from} on; the limit is ${duration(limitMs)}`;
      const outageMs = ended ? toMs(lengthOf(over)) : null;
      return {
        verdict: "fail",
        summary,
        evidence: { reason: OVER, probe: probe.name, outageMs, limitMs, ...evidence },
      };
    }
    const slow = views.find((view) => isSlow(facts, view));
    if (slow) {
      const { name } = slow.probe;
      const { p99Ms = Infinity } = expectedOf(facts, name);
      const { counted, p99Ms: took } = probeLatency(facts, slow);
      const told =
        took === Infinity
          ? "more than 1 of 100 failed"
          : `1 of 100 answers took ${duration(took ?? 0)} or more`;
      const summary = `${name}: ${told}, outside of outages (${counted} sent); the limit is ${duration(p99Ms)}`;
      return {
        verdict: "fail",
        summary,
        evidence: { reason: SLOW, probe: name, limitMs: p99Ms, ...evidence },
      };
    }
    return { verdict: "pass", summary: views.map((view) => told(facts, view)).join("; "), evidence };
  },
};

const OVER = "outage-over-limit";
const SLOW = "answers-over-limit";

function judgedViews(facts: Facts): ProbeView[] {
  return judgedNames(facts)
    .map((name) => viewNamed(facts, name))
    .filter((one): one is ProbeView => "probe" in one);
}

function judgedNames(facts: Facts): string[] {
  return [...new Set([...limited(facts, "outageMs"), ...limited(facts, "p99Ms")])];
}

function worstOf(outages: readonly OutageInterval[]): OutageInterval | undefined {
  return longest(outages);
}

/** Of a drill that was cut short the share of slow answers says nothing of the whole. */
function isSlow(facts: Facts, view: ProbeView): boolean {
  const { p99Ms: limitMs } = expectedOf(facts, view.probe.name);
  if (limitMs === undefined || !facts.complete) return false;
  return (probeLatency(facts, view).p99Ms ?? 0) > limitMs;
}

function told(facts: Facts, view: ProbeView): string {
  const { name } = view.probe;
  const { outageMs, p99Ms } = expectedOf(facts, name);
  const outage = longest(view.outages);
  const { p99Ms: took } = probeLatency(facts, view);
  const parts = [
    ...(outageMs === undefined ? [] : [`failed for ${outageText(outage)} (limit ${duration(outageMs)})`]),
    ...(p99Ms === undefined
      ? []
      : [`99 of 100 answers within ${duration(took ?? 0)} (limit ${duration(p99Ms)})`]),
  ];
  return `${name}: ${parts.join(", ")}`;
}

function outageText(outage: OutageInterval | undefined): string {
  return duration(outage ? lengthOf(outage) / 1e6 : 0);
}

function requires(facts: Facts): Requirement[] {
  const found = judgedNames(facts).map((name) => viewNamed(facts, name));
  return [rightBefore(facts), ...found.flatMap((one) => ("probe" in one ? ofProbe(facts, one) : [one]))];
}

function ofProbe(facts: Facts, view: ProbeView): Requirement[] {
  const { outageMs, p99Ms } = expectedOf(facts, view.probe.name);
  const isTold = view.probe.is === "delivered";
  if (view.sent.length === 0 && !isTold) return [notSent(view)];
  return [
    everOk(facts, view),
    ...(isTold ? [] : sentAround(facts, view)),
    ...(outageMs === undefined ? [] : [...(isTold ? [] : [sentOftenEnough(facts, view, outageMs)])]),
    ...(outageMs === undefined ? [] : [...endSeen(view, outageMs), ...tellable(view, outageMs)]),
    ...(p99Ms === undefined ? [] : [enough(facts, view)]),
  ];
}

function notSent({ probe }: ProbeView): Requirement {
  const { name } = probe;
  return {
    reason: "probe-not-sent",
    needs: `${name}: sent at a fixed rate`,
    met: false,
    seen: `${name} was not sent while the drill went on, so nobody knows how long it failed`,
    add: `Let probe ${name} be sent all the time: "when: always" with "every: 50ms"`,
  };
}

/** No outage was open when it was last looked at, unless its limit was passed by then. */
function endSeen({ probe, outages }: ProbeView, limitMs: number): Requirement[] {
  const open = outages.find(({ endAt }) => endAt === undefined);
  if (!open) return [];
  const needs = `${probe.name}: seen to go well after every outage`;
  const seen =
    `${probe.name} was still failing, ${duration(lengthOf(open) / 1e6)} after its last success, when it was last ` +
    `sent; the limit is ${duration(limitMs)}`;
  const add = `Let the probe go on for longer: add "- wait: 10s" at the end of the steps`;
  return [{ reason: "recovery-not-observed", needs, met: false, seen, add }];
}

function tellable({ probe, outages }: ProbeView, limitMs: number): Requirement[] {
  const doubtful = outages.find(
    (one) => one.endAt !== undefined && lengthOf(one) / 1e6 > limitMs && certainNs(one) / 1e6 <= limitMs,
  );
  if (!doubtful) return [];
  const [least, most] = [certainNs(doubtful), lengthOf(doubtful)].map((ns) => duration(ns / 1e6));
  return [
    {
      reason: "limit-within-error",
      needs: `${probe.name}: sent often enough to tell on which side of ${duration(limitMs)} an outage lies`,
      met: false,
      seen: `${probe.name} failed for ${least} at the least and ${most} at the most; the limit lies between the two`,
      add: `Send probe ${probe.name} more often: "every: 50ms"`,
    },
  ];
}

/** Of fewer than a hundred nobody can tell how one of a hundred does. */
const LEAST = 100;

function enough(facts: Facts, view: ProbeView): Requirement {
  const { counted } = probeLatency(facts, view);
  const { name } = view.probe;
  return {
    reason: "too-few-answers",
    needs: `${name}: ${LEAST} sent outside of outages, in a drill that came to its end`,
    met: counted >= LEAST && facts.complete,
    seen: facts.complete
      ? `only ${counted} of ${plural(view.sent.length, "answer")} count outside of outages: ` +
        `how one of ${LEAST} does is not known`
      : "the drill was cut short",
    add: `Send probe ${name} more often, or let the drill go on for longer`,
  };
}

/** What is left once the tool's own stalls are taken off. */
function stalled(facts: Facts, found: StalledFound): StalledFound {
  if (facts.stalls.length === 0) return found;
  const held = judgedViews(facts).flatMap(({ probe, outages }) => {
    const { outageMs: limitMs } = expectedOf(facts, probe.name);
    return limitMs === undefined
      ? []
      : outages.map((one) => ({ probe, one, limitMs, bounds: boundsOf(facts, one, one.seenUntil) }));
  });
  const sure = held.some(({ bounds, limitMs }) => !bounds.maybeNone && bounds.leastMs > limitMs);
  if (found.evidence.reason === SLOW) return { ...found, holds: false };
  if (sure) return { ...found, holds: true };
  const doubtful = held.find(
    ({ bounds, limitMs }) => (bounds.mostMs ?? Infinity) > limitMs && bounds.errorMs > 0,
  );
  if (!doubtful) return found;
  const { probe, one, bounds } = doubtful;
  const stalls = stallsAt(facts, aftermathOf({ from: one.startAt, to: one.endAt ?? one.seenUntil }));
  return {
    verdict: "unknown",
    summary:
      `${probe.name} seemed to fail for ${duration(lengthOf(one) / 1e6)}, but ${stalledWords(stalls)}: for ` +
      `certain it failed for ${duration(bounds.leastMs)}`,
    evidence: { ...found.evidence, reason: "tool-stalled", otherwise: found.evidence.reason },
  };
}

/** Outages listed in the evidence; `result.json` has them all. */
const LISTED = 20;

function tablesOf(facts: Facts, views: readonly ProbeView[]): EvidenceTable[] {
  const outages = views
    .flatMap(({ probe, outages: own }) => own.map((one) => ({ name: probe.name, one })))
    .toSorted((a, b) => a.one.startAt - b.one.startAt);
  const each = {
    title: "Every outage of a probe, in order; times since the run began",
    columns: ["probe", "from", "until", "failed for", "went badly"],
    rows: outages
      .slice(0, LISTED)
      .map(({ name, one }) => [
        name,
        one.startUnseen ? `not seen, before ${toSeconds(one.startAt)}` : toSeconds(one.startAt),
        one.endAt === undefined ? "not seen" : toSeconds(one.endAt),
        duration(lengthOf(one) / 1e6),
        one.disturbed,
      ]),
  };
  const answers = {
    title: "Answers of each probe, outside of outages",
    columns: ["probe", "sent", "median", "99 of 100 within", "longest good answer of all"],
    rows: views.map((view) => {
      const { counted, p50Ms, p99Ms, maxMs } = probeLatency(facts, view);
      const ms = (value: number | null) =>
        value === null ? "not measured" : value === Infinity ? "never" : duration(value);
      return [view.probe.name, counted, ms(p50Ms), ms(p99Ms), ms(maxMs)];
    }),
  };
  return outages.length > 0 ? [each, answers] : [answers];
}
