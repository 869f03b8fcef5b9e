import { LASTING_MS, STALL_MS } from "../service/limits.ts";
import { certainNs, lengthOf } from "../service/outage-interval.ts";
import { duration, type Requirement } from "./checker.ts";
import { closeEnough } from "./close-enough.ts";
import { asks } from "./expectations.ts";
import { type Facts, type FaultWindow, toSeconds } from "./facts.ts";
import { type Lack, lackAround, neededAround } from "./fault-coverage.ts";
import { faultName } from "./faults-during.ts";
import { windowEnd } from "./losses.ts";
import { type Kind, longestSilence, observedBy, probeOperations } from "./observed-by.ts";
import { wasCut } from "./outages-listed.ts";
import { type FaultOutage, outagesOf } from "./probes.ts";
import { stalledWords } from "./stalled-words.ts";
import { stallsAt } from "./stalls.ts";

/** What is asked of writes or reads of one group of keys around one fault. */
export interface Question {
  readonly entry: FaultOutage;
  readonly kind: Kind;
  readonly limitMs?: number;
}

/** Reasons by which the check fails for want of a recovery: only a probe that goes on sees that there is none. */
export const NOT_RECOVERED = "not-recovered";

/** All questions: of each fault, for writes and for reads, of the shards that were hit and of the others. */
export function questionsOf(facts: Facts, faults: readonly FaultWindow[]): Question[] {
  const { writeMs, readMs, otherShardsMs } = facts.header.expect.outage ?? {};
  return outagesOf(facts, faults).flatMap((entry): Question[] => {
    const hit = entry.group === "hit";
    return [
      { entry, kind: "writes", limitMs: hit ? writeMs : otherShardsMs },
      { entry, kind: "reads", limitMs: hit ? readMs : otherShardsMs },
    ];
  });
}

/**
 * What the probe must have sent. With limits: all that they limit, around every fault. Without: writes or reads of what
 * was hit, around every fault that disrupted the service. And the end of each outage.
 */
export function outageRequirements(
  facts: Facts,
  disruptive: readonly FaultWindow[],
  naming: (question: Question) => string,
): Requirement[] {
  const limited = asks(facts, "outage");
  if (limited && facts.faults.length === 0) return [noFault()];
  if (limited && probeOperations(facts).length === 0) return [noProbe()];
  if (!limited) return withoutLimits(facts, disruptive, naming);
  const questions = questionsOf(facts, facts.faults);
  const asked = questions.filter(({ limitMs }) => limitMs !== undefined);
  const others = questions.some(({ entry }) => entry.group === "others");
  return [
    ...asked.map((question) => sent(facts, question, naming(question))),
    ...asked.filter(isMeasured).map((question) => sentOftenEnough(facts, question, naming(question))),
    ...questions.flatMap((question) => endSeen(facts, question, naming(question))),
    ...asked.filter(isMeasured).flatMap((question) => tellable(question, naming(question))),
    ...(asks(facts, "outage.otherShardsMs") && !others ? [noOthers()] : []),
  ];
}

function withoutLimits(
  facts: Facts,
  disruptive: readonly FaultWindow[],
  naming: (question: Question) => string,
): Requirement[] {
  const questions = questionsOf(facts, disruptive);
  const ofHit = questions.filter(({ entry }) => entry.group === "hit");
  const either = disruptive.map((fault) => {
    const own = ofHit.filter(({ entry }) => entry.fault === fault);
    const words = own.map((question) => sent(facts, question, naming(question)));
    return words.find(({ met }) => met) ?? words[0];
  });
  return [
    ...either.filter((one) => one !== undefined),
    ...ofHit.filter(isMeasured).flatMap((question) => notHidden(facts, question, naming(question))),
    ...questions.flatMap((question) => endSeen(facts, question, naming(question))),
  ];
}

function isMeasured({ entry, kind }: Question): boolean {
  return entry.measured[kind];
}

/** The probe sent from before the fault until its effects were over. */
function sent(facts: Facts, { entry, kind }: Question, name: string): Requirement {
  const { fault } = entry;
  const needs = `${name}: sent at a fixed rate from before ${faultText(fault)} until ${toSeconds(neededAround(facts, entry).to)}`;
  const lack = lackAround(facts, kind, entry);
  if (!lack) return { reason: "not-measured", needs, met: true, seen: "" };
  const { reason, add } = isByChance(facts, kind, lack, entry) ? BY_CHANCE(kind) : LACKS[lack.how];
  const seen = `${lackText(lack, kind, fault)}: how long ${name} failed is not known`;
  return { reason, needs, met: false, seen, add, before: [NOT_RECOVERED] };
}

/** It sent all the time, and none of it happened to be a key of that shard. */
function isByChance(facts: Facts, kind: Kind, { how, shard }: Lack, around: FaultOutage): boolean {
  if (shard === undefined || how === "stopped" || how === "stopped-before") return false;
  const { from, to } = neededAround(facts, around);
  return observedBy(facts, kind).some((one) => one.from <= from && one.to >= to);
}

function lackText({ how, shard, from, to }: Lack, kind: Kind, fault: FaultWindow): string {
  const sends = `${kind}${shard === undefined ? "" : ` to keys of shard ${shard}`}`;
  const came = `the fault came at ${toSeconds(fault.injectAt)}`;
  if (how === "never") return `the probe sent no ${sends}, and ${came}`;
  if (how === "late") return `the probe sent no ${sends} until ${toSeconds(to)}, and ${came}`;
  if (how === "stopped-before") return `the probe sent no ${sends} after ${toSeconds(from)}, and ${came}`;
  return `the probe sent no ${sends} from ${toSeconds(from)} ${to === Infinity ? "on" : `to ${toSeconds(to)}`}`;
}

/** Two operations in a row lie no further apart than the limit: a longer outage could not hide between them. */
function sentOftenEnough(facts: Facts, { entry, kind, limitMs = 0 }: Question, name: string): Requirement {
  const need = neededAround(facts, entry);
  const silences = (entry.shards ?? [undefined]).map((shard) => longestSilence(facts, kind, need, shard));
  const long = silences.filter(({ from, to }) => Number.isFinite(to - from));
  return closeEnough(facts, {
    ...{ name, sends: kind, limitMs, allowedMs: Math.max(limitMs, STALL_MS) },
    gap: long.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a), { from: 0, to: 0 }),
    left: (length) => `the probe left ${length} between two ${kind} to the same keys`,
    add:
      `Send more often: "- start: { unique-writes: { ${kind}PerSecond: ${FASTER} } }", or more than that with ` +
      `many shards`,
  });
}

/**
 * Where nothing was seen to fail, no stall of the tool may have hidden that: without a limit, one of a second or more.
 */
function notHidden(facts: Facts, { entry, kind }: Question, name: string): Requirement[] {
  if (entry[kind].length > 0) return []; // then the rules for stalls say how much of it is certain
  const need = neededAround(facts, entry);
  const stalls = stallsAt(facts, need, HIDES_MS);
  if (stalls.length === 0) return [];
  const needs = `${name}: observed without a stall of ${duration(HIDES_MS)} or more`;
  const seen = `${stalledWords(stalls)}: an outage of ${name} may have come and gone meanwhile`;
  return [{ reason: "tool-stalled", needs, met: false, seen }];
}

const HIDES_MS = 1000;

/** No outage was still open when it was last looked at. */
function endSeen(facts: Facts, { entry, kind }: Question, name: string): Requirement[] {
  const open = entry[kind].findLast(
    (one) => one.endAt === undefined && !wasCut(one, observedBy(facts, kind)),
  );
  if (!open) return [];
  const needs = `${name}: seen to go well for ${duration(LASTING_MS)} after every outage`;
  const ends = entry.fault.injectAt < open.startAt ? toSeconds(open.startAt) : faultText(entry.fault);
  const seen =
    open.seeminglyEndAt === undefined
      ? `${name} were still failing, ${duration(lengthOf(open) / 1e6)} after their last ` +
        `success at ${toSeconds(open.startAt)}, when ${closing(facts, entry.fault)}`
      : `${name} went well again after ${ends}, but not for long enough before ${closing(facts, entry.fault)} to ` +
        `say that they had recovered`;
  const add = `Add "- await: { condition: recovered, within: 30s }" before the next fault, and at the end of the steps`;
  return [{ reason: "recovery-not-observed", needs, met: false, seen, add }];
}

function closing(facts: Facts, fault: FaultWindow): string {
  return windowEnd(facts, fault) < facts.endedAt ? "the next fault came" : "the drill ended";
}

/** A limit that lies between what is certain and what may be: the probe's own error hides the answer. */
function tellable({ entry, kind, limitMs = 0 }: Question, name: string): Requirement[] {
  const doubtful = entry[kind].find(
    (one) => one.endAt !== undefined && lengthOf(one) / 1e6 > limitMs && certainNs(one) / 1e6 <= limitMs,
  );
  if (!doubtful) return [];
  const [least, most] = [certainNs(doubtful), lengthOf(doubtful)].map((ns) => duration(ns / 1e6));
  return [
    {
      reason: "limit-within-error",
      needs:
        `${name}: operations close enough to each other to tell on which side of ${duration(limitMs)} an ` +
        `outage lies`,
      met: false,
      seen:
        `${name} failed for ${least} at the least and ${most} at the most; the limit, ${duration(limitMs)}, ` +
        `lies between the two`,
      add: `Send more often: "- start: { unique-writes: { ${kind}PerSecond: ${FASTER} } }"`,
    },
  ];
}

const FASTER = 100;
const START = `Put "- start: unique-writes" and "- wait: 1s" before the fault's "- inject:"`;
const GO_ON =
  `Let the probe run on: put "- stop: unique-writes" behind "- await: { condition: recovered, within: ` +
  `30s }" and the fault's "- heal:", or leave it out`;

const LACKS = {
  never: { reason: "not-measured", add: START },
  late: { reason: "probe-started-late", add: START },
  "stopped-before": { reason: "not-measured", add: GO_ON },
  stopped: { reason: "probe-stopped", add: GO_ON },
} as const satisfies Record<Lack["how"], Pick<Requirement, "reason" | "add">>;

const BY_CHANCE = (kind: Kind) => ({
  reason: "not-measured",
  add:
    `Send more often, so that some go to keys of every shard: "- start: { ` +
    `unique-writes: { ${kind}PerSecond: ${FASTER} } }"`,
});

function noFault(): Requirement {
  const seen = "no fault was injected, so no outage could be measured";
  const add = `Add a fault: "- inject: { fault: kill, target: primary }"`;
  return { reason: "no-fault", needs: "a fault after which an outage could come", met: false, seen, add };
}

function noProbe(): Requirement {
  const needs = "writes and reads sent at a fixed rate, without waiting for answers";
  const seen = "no probe ran, so nobody knows how long the service failed";
  return { reason: "no-probe", needs, met: false, seen, add: START };
}

function noOthers(): Requirement {
  const needs = "a shard that no fault hit";
  const seen = "every shard was hit, so there were no others whose outage could be measured";
  const add = `Hit fewer shards: "target: shard:1/primary", or take expect.outage.otherShardsMs out`;
  return { reason: "no-other-shards", needs, met: false, seen, add };
}

function faultText(fault: FaultWindow): string {
  return `the fault at ${toSeconds(fault.injectAt)} (${faultName(fault)})`;
}
