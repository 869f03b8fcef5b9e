import { LASTING_NS } from "../service/limits.ts";
import type { OutageInterval } from "../service/outage-interval.ts";
import { type Cause, causeOf } from "./app/cause.ts";
import { everOk, rightBefore, sentAround } from "./app/coverage.ts";
import { sentAtARate } from "./app/probes.ts";
import {
  type AppOutage,
  appOutages,
  endingOf,
  patienceMs,
  recoveredAfterMs,
  stuckInstances,
  tooLate,
} from "./app/recovery.ts";
import { type Checker, duration, type EvidenceTable, type Found, type Requirement } from "./checker.ts";
import { asks } from "./expectations.ts";
import { type Facts, toMs, toSeconds } from "./facts.ts";
import { faultName } from "./faults-during.ts";

const ADD = `Add a probe that is sent all the time: "probes: [{ name: order, http: POST /orders, every: 50ms }]"`;

/** Did the application go well again after each fault, by itself, and lastingly? */
export const appRecovery: Checker = {
  name: "app-recovery",
  summary:
    "after each fault every probe of the application went well again by itself, within the scenario's limit",
  judges: [{ path: "app.recoversWithinMs", add: ADD }],
  applies: (facts) =>
    facts.header.app !== undefined &&
    (asks(facts, "app.recoversWithinMs") || (facts.faults.length > 0 && sentAtARate(facts).length > 0)),
  requires,
  stalled: (facts, found) => ({
    ...found,
    // What hung until the drill ended hung, however busy the machine was; how long something took is another matter.
    holds:
      found.evidence.reason === STUCK && appOutages(facts).some((one) => isStuck(facts, one) && isOpen(one)),
  }),
  check(facts) {
    const outages = appOutages(facts);
    const evidence = { recoveredAfterMs: recoveredAfterMs(facts), tables: tablesOf(facts, outages) };
    const stuck = worst(outages.filter((one) => isStuck(facts, one)));
    if (stuck) return stuckFound(facts, stuck, evidence);
    const dead = worst(outages.filter((one) => endingOf(facts, one) === "died"));
    if (dead) {
      const { name } = dead.view.probe;
      const summary = `${name} did not go well again: the instances that failed had ended by themselves`;
      return { verdict: "fail", summary, evidence: { reason: "died", ...evidence } };
    }
    const failing = worst(outages.filter((one) => endingOf(facts, one) === "failing"));
    if (failing) return failingFound(failing, evidence);
    const late = lateFound(facts, evidence);
    if (late) return late;
    return { verdict: "pass", summary: recoveredText(facts, outages), evidence };
  },
  appWords(facts, { verdict, evidence }) {
    if (evidence.reason === STUCK) return ["STUCK"];
    const isLate = verdict === "fail" && evidence.reason === LATE && evidence.recovered === true;
    return (verdict === "pass" && facts.faults.length > 0) || isLate ? ["RECOVERED"] : [];
  },
};

const STUCK = "stuck";
const LATE = "recovered-late";

function isStuck(facts: Facts, outage: AppOutage): boolean {
  return endingOf(facts, outage) === "stuck";
}

function isOpen({ interval }: AppOutage): boolean {
  return interval.endAt === undefined && interval.seeminglyEndAt === undefined;
}

/** The one that lasted longest beside servers that were well. */
function worst(outages: readonly AppOutage[]): AppOutage | undefined {
  return outages.toSorted((a, b) => b.wellNs - a.wellNs)[0];
}

type Evidence = Found["evidence"] & { readonly tables: readonly EvidenceTable[] };

function stuckFound(facts: Facts, outage: AppOutage, evidence: Evidence): Found {
  const { view, wellNs, wellSince = 0 } = outage;
  const cause: Cause = causeOf(facts, outage);
  const instances = stuckInstances(outage);
  const all = facts.header.app?.instances ?? 1;
  const who = instances.length < all ? ` at ${instances.join(", ")}` : "";
  const until = isOpen(outage) ? "" : ` until ${toSeconds(outage.freedBy?.at ?? 0)}`;
  const summary =
    `${view.probe.name} hung${who}${until}, though the servers were well for ${duration(wellNs / 1e6)} ` +
    `(from ${toSeconds(wellSince)}): ${cause.text}`;
  return {
    verdict: "fail",
    summary,
    evidence: {
      reason: STUCK,
      ...evidence,
      probe: view.probe.name,
      instances,
      ...(cause.symptom && { symptom: cause.symptom }),
      help: cause.help.map(({ library, option, reference }) => ({ library, option, reference })),
      cause: cause.text,
      tables: [...cause.tables, ...evidence.tables],
      notes: cause.notes,
    },
  };
}

function failingFound({ view, failed, sent, wellNs }: AppOutage, evidence: Evidence): Found {
  const summary =
    `${view.probe.name} did not go well again: ${failed.length} of ${sent.length} failed in the ` +
    `${duration(wellNs / 1e6)} in which the servers were well`;
  return { verdict: "fail", summary, evidence: { reason: "not-recovered", ...evidence } };
}

/** Later than the scenario says, for certain. What part of that was the servers' is told. */
function lateFound(facts: Facts, evidence: Evidence): Found | undefined {
  const limitMs = facts.header.expect.app?.recoversWithinMs;
  if (limitMs === undefined) return undefined;
  const late = tooLate(facts, limitMs).filter(({ leastMs }) => leastMs > limitMs);
  const [most] = late.toSorted((a, b) => b.leastMs - a.leastMs);
  if (!most) return undefined;
  const { outage, mostMs, leastMs, since } = most;
  const name = outage.view.probe.name;
  const ended = outage.interval.endAt !== undefined;
  const took = ended
    ? `${name} went well again ${duration(mostMs)} after ${momentText(outage, since)}`
    : `${name} did not go well again for ${duration(leastMs)} after ${momentText(outage, since)}`;
  const summary = `${took}; the limit is ${duration(limitMs)}${serversText(outage, limitMs)}`;
  const reason = outage.wellNs < LASTING_NS ? "servers-not-well" : LATE;
  const recovered = late.every((one) => one.outage.interval.endAt !== undefined);
  return { verdict: "fail", summary, evidence: { reason, recovered, ...evidence } };
}

function momentText({ fault }: AppOutage, since: number): string {
  return since === fault.injectAt ? faultName(fault) : `the last change at ${toSeconds(since)}`;
}

function serversText({ wellNs, wellSince }: AppOutage, limitMs: number): string {
  if (wellSince === undefined || wellNs < LASTING_NS)
    return ". That is the servers' outage: they were not well themselves in that time";
  if (wellNs / 1e6 >= limitMs) return "";
  return `. The servers were well again from ${toSeconds(wellSince)}, for ${duration(wellNs / 1e6)} of it`;
}

function recoveredText(facts: Facts, outages: readonly AppOutage[]): string {
  if (facts.faults.length === 0) return "no fault was injected, so there was nothing to recover from";
  if (outages.length === 0) return "no probe of the application was disturbed by a fault";
  const limit = facts.header.expect.app?.recoversWithinMs;
  const within = limit === undefined ? "" : ` (limit: ${duration(limit)})`;
  return `every probe went well again, at most ${duration(recoveredAfterMs(facts) ?? 0)} after a fault${within}`;
}

function requires(facts: Facts): Requirement[] {
  if (facts.faults.length === 0) return [rightBefore(facts), noFault()];
  const views = sentAtARate(facts);
  if (views.length === 0) return [rightBefore(facts), noProbe()];
  const ofSends = views.filter(({ probe }) => probe.is !== "delivered");
  return [
    rightBefore(facts),
    ...views.map((view) => everOk(facts, view)),
    ...ofSends.flatMap((view) => sentAround(facts, view)),
    ...appOutages(facts).flatMap((outage) => endSeen(facts, outage)),
    ...tellable(facts),
  ];
}

function noFault(): Requirement {
  return {
    reason: "no-fault",
    needs: "a fault to recover from",
    met: false,
    seen: "no fault was injected, so nothing shows whether the application recovers",
    add: `Add a fault: "- inject: { fault: kill, target: primary }"`,
  };
}

function noProbe(): Requirement {
  const needs = "a probe that is sent at a fixed rate";
  const seen = "no probe was sent while the drill went on, so nobody knows whether the application recovered";
  return { reason: "no-probe", needs, met: false, seen, add: ADD };
}

/** No outage was open when it was last looked at; one that ended by somebody's restart says nothing of what it does. */
function endSeen(facts: Facts, outage: AppOutage): Requirement[] {
  const { view, interval, freedBy, wellNs } = outage;
  const { name } = view.probe;
  const needs = `${name}: seen to go well again by itself after every outage`;
  if (freedBy?.by === "restarted" && endingOf(facts, outage) === "none") {
    const seen =
      `${name} went well again after the application was restarted at ${toSeconds(freedBy.at)}: whether it would ` +
      `have recovered by itself is not known`;
    const add = "Restart it later, or not at all";
    return [{ reason: "restarted", needs, met: false, seen, add }];
  }
  if (interval.endAt !== undefined) return [];
  const { complete } = facts;
  const seen = openText(name, interval, wellNs, complete);
  const longer = Math.ceil((2 * patienceMs(facts)) / 1000);
  const add = `Let the probes go on for longer: "- wait: ${longer}s" after the last fault`;
  return [{ reason: "recovery-not-observed", needs, met: false, seen, add }];
}

function openText(name: string, interval: OutageInterval, wellNs: number, complete: boolean): string {
  const end = complete ? "the drill ended" : "the drill was cut short";
  if (interval.seeminglyEndAt !== undefined)
    return `${name} went well again at ${toSeconds(interval.seeminglyEndAt)}, but not for long enough before ${end}`;
  const servers =
    wellNs < LASTING_NS
      ? "the servers were not well themselves: theirs is the outage, and of the application nothing is known"
      : `the servers had been well for ${duration(wellNs / 1e6)} only`;
  return `${name} was still failing when ${end}; ${servers}`;
}

/** A limit that lies between what is certain and what may be. */
function tellable(facts: Facts): Requirement[] {
  const limitMs = facts.header.expect.app?.recoversWithinMs;
  if (limitMs === undefined) return [];
  const doubtful = tooLate(facts, limitMs).find(({ leastMs }) => leastMs <= limitMs);
  if (!doubtful) return [];
  const { outage, leastMs, mostMs } = doubtful;
  const { name } = outage.view.probe;
  return [
    {
      reason: "limit-within-error",
      needs: `${name}: sent often enough to tell on which side of ${duration(limitMs)} its recovery lies`,
      met: false,
      seen:
        `${name} went well again between ${duration(leastMs)} and ${duration(mostMs)} after the fault; the limit, ` +
        `${duration(limitMs)}, lies between the two`,
      add: `Send probe ${name} more often: "every: 50ms"`,
    },
  ];
}

/** Outages listed in the evidence; `result.json` has them all. */
const LISTED = 20;

function tablesOf(facts: Facts, outages: readonly AppOutage[]): EvidenceTable[] {
  if (outages.length === 0) return [];
  const rows = outages
    .slice(0, LISTED)
    .map(({ view, fault, interval, wellNs }) => [
      view.probe.name,
      faultName(fault),
      interval.startUnseen ? `not seen, before ${toSeconds(interval.startAt)}` : toSeconds(interval.startAt),
      interval.endAt === undefined ? "not seen" : toSeconds(interval.endAt),
      duration(toMs((interval.endAt ?? interval.seenUntil) - interval.startAt)),
      wellNs === 0 ? "not at all" : duration(toMs(Math.min(wellNs, facts.endedAt))),
    ]);
  return [
    {
      title: "Outages of the application after faults; times since the run began",
      columns: ["probe", "fault", "from", "until", "failed for", "servers well for"],
      rows,
    },
  ];
}
