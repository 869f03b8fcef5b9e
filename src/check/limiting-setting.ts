import type { Facts, FaultWindow } from "./facts.ts";
import { faultsDuring, faultsIn, inForce } from "./faults-during.ts";
import { firstSaidFail } from "./full-coverage.ts";
import { limitOfAnswers } from "./limits-of-answers.ts";
import { electionPace, fixedDelayMs } from "./pace.ts";
import type { PhaseEnd } from "./phase-end.ts";
import type { PhaseLimit } from "./phase-limit.ts";
import { settingAt } from "./settings.ts";
import { firstMention } from "./timeline.ts";

interface EndedPhase {
  readonly facts: Facts;
  readonly fault: FaultWindow;
  readonly phaseEnd: PhaseEnd;
  readonly phaseEnds: readonly PhaseEnd[];
}

/** Which setting limits the step that ends with this moment, if one or a known pace of the servers does. */
export function limitingSettingOf(
  facts: Facts,
  fault: FaultWindow,
  phaseEnd: PhaseEnd,
  phaseEnds: readonly PhaseEnd[],
): PhaseLimit | undefined {
  if (phaseEnd.answers) return limitOfAnswers(facts, fault, phaseEnd.answers);
  const { kind } = facts.header.topology;
  const limitOf = phaseEnd.refusedFrom
    ? UNANSWERED
    : ((kind === "ha" ? SENTINEL : CLUSTER)[phaseEnd.name] ?? COMMON[phaseEnd.name]);
  const limit = limitOf?.({ facts, fault, phaseEnd, phaseEnds });
  if (!limit) return undefined;
  const note = limit.note + inForceMeanwhile(facts, fault, phaseEnd, phaseEnds);
  // While another fault held the primary, no setting of the client decided how long it took.
  const isHeld = responsibleFor(phaseEnd) === "client" && heldByAnother(facts, fault, phaseEnd, phaseEnds);
  return isHeld ? { ...limit, setting: null, value: null, note } : { ...limit, note };
}

/** For more than half of the step, another fault was in force on a primary. */
function heldByAnother(
  facts: Facts,
  fault: FaultWindow,
  phaseEnd: PhaseEnd,
  phaseEnds: readonly PhaseEnd[],
): boolean {
  const span = { from: sinceOf(phaseEnd, phaseEnds), to: phaseEnd.at };
  return faultsIn(facts, span).some(
    (one) => one !== fault && one.primaries.length > 0 && inForce(one, span) > (span.to - span.from) / 2,
  );
}

/** When the step of the path began that ends with the moment. */
function sinceOf(phaseEnd: PhaseEnd, phaseEnds: readonly PhaseEnd[]): number {
  const path = phaseEnds.filter(({ path: isOn }) => isOn);
  return path[path.indexOf(phaseEnd) - 1]?.at ?? phaseEnd.at;
}

/** What else was broken while a step of the path took place; of a step of the drill that is no news. */
function inForceMeanwhile(
  facts: Facts,
  fault: FaultWindow,
  phaseEnd: PhaseEnd,
  phaseEnds: readonly PhaseEnd[],
): string {
  if (!phaseEnd.path || responsibleFor(phaseEnd) === "drill") return "";
  const since = sinceOf(phaseEnd, phaseEnds);
  if (phaseEnd.at - since < SHORT_NS) return "";
  return faultsDuring(facts, fault, { from: since, to: phaseEnd.at });
}

/** What was in force during a shorter step did not make it long. */
const SHORT_NS = 50e6;

type LimitOf = (step: EndedPhase) => PhaseLimit;

/*
 * Conditions are those of Valkey's src/sentinel.c and src/cluster_legacy.c, by the names of their functions; constants
 * that differ by version stand in pace.ts.
 */
const SENTINEL: Readonly<Record<string, LimitOf>> = {
  // sentinelCheckSubjectivelyDown: the oldest PING without an answer is older than down_after_period.
  suspected: timed(
    "down-after-milliseconds",
    "a Sentinel has had no answer for so long; lower is sooner, and takes a short stall for a death more often",
  ),
  // sentinelCheckObjectivelyDown; they ask each other once a second (sentinel_ask_period), at their timer's next tick
  // at best.
  detected: (step) =>
    set(
      step,
      "quorum",
      "so many Sentinels agree; they ask each other once a second",
      step.facts.header.topology.quorum,
    ),
  voted: (step) =>
    unset(
      step,
      "a Sentinel asks the others for their votes as soon as the quorum agrees, unless it tried a short time ago",
    ),
  // sentinelStartFailoverIfNeeded: not before twice failover_timeout since the last attempt or foreign vote.
  elected: (step) =>
    triedBefore(step)
      ? set(
          step,
          "failover-timeout",
          "a Sentinel had given up an attempt; another comes only after twice this",
        )
      : unset(step, "a majority of the Sentinels voted for one of them"),
  // sentinelSelectReplica
  selected: (step) =>
    set(
      step,
      "replica-priority",
      "the Sentinel chooses: lowest priority first, then who has most of the data; 0 is never chosen",
    ),
  promoted: (step) =>
    unset(step, "REPLICAOF NO ONE is sent at a tick of the Sentinel's timer, ten to twenty a second"),
  // sentinelRefreshInstanceInfo, sentinelGetCurrentPrimaryAddress
  confirmed: (step) =>
    unset(
      step,
      "the leading Sentinel sees the new role in INFO, asked for once a second, and names the new address from now on",
    ),
  announced: (step) => unset(step, "the other Sentinels hear of it and name the new address as well"),
  "replicas told": (step) =>
    set(
      step,
      "parallel-syncs",
      "so many replicas are told to follow the new primary at a time; each may have to copy all data",
    ),
  // sentinelRefreshInstanceInfo: a node that calls itself primary is made a replica after 4 sentinel_publish_period (2
  // s) …
  "all replicas back": (step) =>
    unset(
      step,
      "a Sentinel turns a returned primary into a replica 8 s after it saw it at the earliest, and looks every 10 s",
      calledItselfPrimary(step) === undefined ? undefined : (calledItselfPrimary(step) as number) + 8e9,
    ),
};

const CLUSTER: Readonly<Record<string, LimitOf>> = {
  // clusterCron: node_delay > cluster_node_timeout sets PFAIL.
  suspected: timed(
    "cluster-node-timeout",
    "a node has heard nothing for so long; lower is sooner, and takes a short stall for a death more often",
  ),
  // markNodeAsFailingIfNeeded; nodes are pinged at the latest after half of the timeout, one at random each second.
  detected: (step) =>
    set(
      step,
      "cluster-node-timeout",
      "a majority of the primaries has told each other, in pings that are at most half of this apart",
    ),
  // clusterHandleReplicaFailover: time for the FAIL message to propagate, some more at random, and more for each
  // replica with more data.
  election: (step) => {
    const logs = step.phaseEnd.logs ?? [];
    const delayed = logs.find(({ event }) => event === "election-delayed");
    const pace = electionPace(step.facts, step.fault.injectAt);
    const fixedMs = delayed && fixedDelayMs(pace, delayed, logs);
    const value = delayed?.delayMs === undefined ? null : `${delayed.delayMs} ms`;
    const earliestAt =
      delayed === undefined || fixedMs === undefined ? undefined : delayed.at + fixedMs * 1e6;
    if (logs.some(({ event }) => event === "election-at-once")) {
      const note =
        "the replica ranks best and asked for votes at once, when all replicas held the primary failed";
      return { setting: null, value, note, earliestAt };
    }
    const setting = pace?.setting ?? null;
    const nodeTimeout = setting && settingAt(step.facts, setting, step.fault.injectAt);
    const least = pace ? `${pace.fixedMs} ms` : "a while";
    const perReplica = pace ? `${pace.rankMs} ms` : "more";
    const note =
      `the replica waits before it asks for votes${value ? `, here ${value}` : ""}: ${least}, up to as ` +
      `much again at random, and ${perReplica} for each replica that has more of the data`;
    return setting
      ? { setting, value: withUnit(setting, nodeTimeout ?? undefined), note, earliestAt }
      : { setting: null, value, note, earliestAt };
  },
  voted: (step) => unset(step, "the first primary gave its vote"),
  promoted: (step) => {
    const detected = step.phaseEnds.find(({ name }) => name === "detected");
    const election = step.phaseEnds.find(({ name }) => name === "election");
    if (election || !detected) return unset(step, "a majority of the primaries voted for it");
    // A replica asks for votes only once all agreed that its primary has failed, unless it is told to: CLUSTER FAILOVER
    // TAKEOVER.
    if (detected.at >= step.phaseEnd.at)
      return unset(step, "nobody was asked for a vote: it was told to take over");
    const pace = electionPace(step.facts, step.fault.injectAt);
    if (pace === undefined || pace.bestAtOnce) return unset(step, "a majority of the primaries voted for it");
    return unset(
      step,
      `the replica waited ${pace.fixedMs} ms at least, and a majority of the primaries voted for it`,
      detected.at + pace.fixedMs * 1e6,
    );
  },
  "slots owned": (step) =>
    unset(step, "the new primary tells the others, who send clients to it from now on"),
  "all slots served": (step) => {
    const said = firstSaidFail(step.facts, step.fault.injectAt, step.phaseEnd.at);
    const setting = "cluster-require-full-coverage";
    return said && settingAt(step.facts, setting, step.fault.injectAt) === "yes"
      ? set(
          step,
          setting,
          `every node says cluster_state:ok again; with yes none that says fail takes commands`,
        )
      : unset(step, "every node knows who serves all slots");
  },
  "all replicas back": (step) =>
    unset(step, "the old primary learns who took its place, and copies the data"),
};

const COMMON: Readonly<Record<string, LimitOf>> = {
  healed: (step) => unset(step, "the fault lasted so long", step.phaseEnd.at),
  restarted: (step) =>
    unset(step, "the fault lasted so long, and the node was started again", step.phaseEnd.at),
  "replicas back": (step) => {
    const { waitReplicas } = step.facts.header;
    const note = "the other replicas follow the new primary";
    if (Number(settingAt(step.facts, "min-replicas-to-write", step.fault.injectAt) ?? 0) > 0)
      return set(step, "min-replicas-to-write", `${note}; it takes writes only with so many`);
    return waitReplicas > 0
      ? set(step, "waitReplicas", `${note}; a write counts only with so many`, waitReplicas)
      : unset(step, note);
  },
  reconnected: (step) => client(step, "the client found the new primary"),
  "first write": (step) => client(step, "the first write after which all went well"),
  "first read": (step) => client(step, "the first read after which all went well"),
};

/** Before a server refused, the client had waited for answers and connections. */
const UNANSWERED: LimitOf = (step) =>
  client(step, "no server answered the client until then: it waited for an answer, or for a connection");

/** Who decides how long the step took that ends with this moment. */
export function responsibleFor({ name, answers, seenBy }: PhaseEnd): "servers" | "client" | "drill" {
  if (name === "healed" || name === "restarted" || seenBy === "drill") return "drill";
  if (answers) return "servers";
  return seenBy === "client" ? "client" : "servers";
}

function timed(setting: string, note: string): LimitOf {
  return (step) => {
    const value = settingAt(step.facts, setting, step.fault.injectAt);
    const earliestAt = value === undefined ? undefined : step.fault.injectAt + Number(value) * 1e6;
    return { setting, value: withUnit(setting, value), note, earliestAt };
  };
}

/** A setting that decides what may happen, though not after how long: nothing of the step is unavoidable. */
function set({ facts, fault }: EndedPhase, setting: string, note: string, given?: number): PhaseLimit {
  const value = given ?? settingAt(facts, setting, fault.injectAt);
  return { setting, value: withUnit(setting, value), note, earliestAt: 0 };
}

const IN_MS = ["down-after-milliseconds", "failover-timeout", "cluster-node-timeout"];

function withUnit(setting: string, value: string | number | undefined): string | null {
  if (value === undefined) return null;
  return IN_MS.includes(setting) ? `${value} ms` : String(value);
}

function unset(_: EndedPhase, note: string, earliestAt: number | undefined = 0): PhaseLimit {
  return { setting: null, value: null, note, earliestAt };
}

function client({ facts }: EndedPhase, note: string): PhaseLimit {
  const { recovery } = facts.header.client;
  return { setting: recovery?.setting ?? null, value: recovery?.value ?? null, note, earliestAt: 0 };
}

/** A Sentinel gave up, or tried before the attempt that succeeded. */
function triedBefore({ facts, fault, phaseEnd }: EndedPhase): boolean {
  const aborted = firstMention(facts, fault, "-failover-abort-not-elected");
  return aborted !== undefined && aborted < phaseEnd.at;
}

/** When a node that was hit called itself primary after it was healed. */
function calledItselfPrimary({
  facts,
  fault: { healAt = Infinity, targets },
}: EndedPhase): number | undefined {
  return facts.topology.find(
    ({ event, subject = "", to, at }) =>
      event === "role" && to === "primary" && targets.includes(subject) && at >= healAt,
  )?.at;
}
