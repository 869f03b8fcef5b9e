import type { ClientEventData } from "../model/observed.ts";
import { isBad } from "../service/operation.ts";
import { longest, type OutageInterval } from "../service/outage-interval.ts";
import { serverAnswers } from "./answers.ts";
import type { Facts, FaultWindow } from "./facts.ts";
import { windowEnd } from "./losses.ts";
import { type Kind, probeOperations } from "./observed-by.ts";
import { type Candidate, inOrder, type PhaseEnd, type Placed, placed } from "./phase-end.ts";
import type { FaultOutage } from "./probes.ts";
import { processStarts } from "./process-starts.ts";
import { promotionsOf } from "./promotions.ts";
import type { Promotion } from "./promotions-seen.ts";
import { momentsOfServers } from "./server-phases.ts";
import { settingAt } from "./settings.ts";
import { firstMention, lostRejoined, othersBack } from "./timeline.ts";

/**
 * The ends of phases after one fault, in the order in which they came; what never came is left out. Those on the way
 * from the last success to the first of the lasting recovery are its path: what came earlier or later did not decide
 * how long that took.
 */
export function phaseEndsOf(facts: Facts, fault: FaultWindow, outage: FaultOutage | undefined): PhaseEnd[] {
  const [promotion] = promotionsOf(facts, fault);
  const kind = outage?.measured.writes === false ? "reads" : "writes";
  const interval = longest(outage?.[kind] ?? []);
  const other = longest(outage?.[kind === "writes" ? "reads" : "writes"] ?? []);
  const all = (candidates: readonly Candidate[]) => candidates.flatMap((one) => placed(facts, one));
  const begin = all([{ name: "last success", at: interval?.startAt, seenBy: "client" }]);
  const ofServers = all([
    { name: "fault", at: fault.injectAt, seenBy: "drill" },
    ...momentsOfServers(facts, fault, promotion),
  ]);
  const reconnected = clientPhaseEnd(facts, fault, "reconnected", (event) =>
    isReconnected(event, promotion, fault),
  );
  const others = all([
    ...(promotion ? [] : [healed(facts, fault, reconnected.at)]),
    ...(needsReplicas(facts, fault) ? replicaPhaseEnds(facts, fault, promotion) : []),
  ]);
  const known = [...begin, ...inOrder(ofServers), ...others];
  const onTheWay = [
    ...known,
    ...all(interval ? answered(facts, fault, kind, known, interval) : []),
    ...all([reconnected, { name: firstSuccess[kind], at: interval?.endAt, seenBy: "client" }]),
  ];
  const besides = all([
    { name: "first error", at: firstError(facts, fault, interval), seenBy: "client", since: "fault" },
    clientPhaseEnd(facts, fault, "first retry", ({ event }) => event === "reconnecting"),
    {
      name: firstSuccess[kind === "writes" ? "reads" : "writes"],
      at: other?.endAt,
      seenBy: "client",
      since: "fault",
    },
    ...(needsReplicas(facts, fault) ? [] : replicaPhaseEnds(facts, fault, promotion)),
    ...(promotion ? [healed(facts, fault)] : []),
    {
      name: "all replicas back",
      at: lostRejoined(facts, fault),
      seenBy: "look",
      since: healed(facts, fault).name,
    },
  ]);
  const isOnPath = ({ at }: Placed) =>
    interval !== undefined && at >= interval.startAt && at <= (interval.endAt ?? Infinity);
  return [
    ...onTheWay.map((phaseEnd) => ({ ...phaseEnd, path: isOnPath(phaseEnd) })),
    ...besides.map((phaseEnd) => ({ ...phaseEnd, path: false })),
  ]
    .map((phaseEnd) => (phaseEnd.path ? phaseEnd : { since: "fault", ...phaseEnd }))
    .sort((a, b) => a.at - b.at);
}

const firstSuccess = { writes: "first write", reads: "first read" } as const;

/**
 * After the last that is known of the servers otherwise: what they answered. That part of the outage is theirs, and not
 * the client's.
 */
function answered(
  facts: Facts,
  fault: FaultWindow,
  kind: Kind,
  known: readonly Placed[],
  { startAt, endAt }: OutageInterval,
): Candidate[] {
  const to = endAt ?? windowEnd(facts, fault);
  const from = Math.max(startAt, ...known.map(({ at }) => at).filter((at) => at <= to));
  let before = from;
  const times = new Map<string, number>();
  return serverAnswers(facts, fault, kind, { from, to }).flatMap((answers) => {
    const time = (times.get(answers.class) ?? 0) + 1;
    times.set(answers.class, time);
    const name = time === 1 ? answers.class : `${answers.class} (${time})`;
    const how = answers.stated ?? { seenBy: "client" as const };
    const waited = answers.from - before > WAITED_NS;
    before = answers.to;
    return [
      ...(waited ? [{ name: `first ${name}`, at: answers.from, ...how, refusedFrom: true as const }] : []),
      { name: `last ${name}`, at: answers.to, ...how, answers },
    ];
  });
}

/** Until a server refused, the client had waited for so long: a step of its own. */
const WAITED_NS = 100e6;

/** Where a write is taken or acknowledged only with replicas, their return decides when writes go well again. */
function needsReplicas(facts: Facts, { injectAt }: FaultWindow): boolean {
  return (
    facts.header.waitReplicas > 0 || Number(settingAt(facts, "min-replicas-to-write", injectAt) ?? 0) > 0
  );
}

export function replicaPhaseEnds(
  facts: Facts,
  fault: FaultWindow,
  promotion: Promotion | undefined,
): Candidate[] {
  const told = firstMention(facts, fault, "+slave-reconf-done");
  return [
    {
      name: "replicas back",
      at: promotion && othersBack(facts, fault, promotion),
      seenBy: "look",
      since: "promoted",
    },
    { name: "replicas told", at: told, seenBy: "sentinel", since: "promoted" },
  ];
}

/**
 * A node that came back as a new process was started again; any other goes on. Where the way of the outage leads
 * through it, it was over when the node was there again, which may be a moment before whoever undid it was told so.
 */
function healed(facts: Facts, fault: FaultWindow, reconnectedAt?: number): Candidate {
  const { injectAt, healAt, healedAt = Infinity, targets } = fault;
  const anew = processStarts(facts).find(
    ({ node, at, errorMs = 0 }) =>
      targets.includes(node) &&
      at >= (healAt ?? injectAt) - errorMs * 1e6 &&
      at <= healedAt + (errorMs + LATE_LOOK_MS) * 1e6,
  );
  const name = anew ? "restarted" : "healed";
  // What was over by itself was not undone by anybody: a restart is told by the node alone.
  if (healAt === undefined)
    return { name, at: anew?.at, seenBy: anew?.seenBy ?? "drill", errorMs: anew?.errorMs };
  const at = healedAt === Infinity ? undefined : healedAt;
  if (reconnectedAt === undefined || reconnectedAt >= healedAt || reconnectedAt < healAt)
    return { name, at, seenBy: "drill" };
  return anew && anew.at <= reconnectedAt
    ? { name, at: anew.at, seenBy: anew.seenBy, errorMs: anew.errorMs }
    : { name, at: healAt, seenBy: "drill" };
}

/** Our looks find a new process so much later at most. */
const LATE_LOOK_MS = 1000;

function clientPhaseEnd(
  facts: Facts,
  fault: FaultWindow,
  name: string,
  isIt: (event: ClientEventData) => boolean,
): Candidate {
  const until = windowEnd(facts, fault);
  const sender = facts.header.waitReplicas > 0 ? "writer" : "main";
  const found = facts
    .observations("client-event")
    .find(
      (event) =>
        event.client === sender &&
        event.role === "primary" &&
        event.at >= fault.injectAt &&
        event.at <= until &&
        isIt(event),
    );
  return { name, at: found?.at, seenBy: "client" };
}

/** The client can send to the new primary; where nobody was promoted, to the old one again. */
function isReconnected(
  { event, node, at }: ClientEventData,
  promotion: Promotion | undefined,
  { primaries, healAt = Infinity }: FaultWindow,
): boolean {
  if (event !== "ready" && event !== "rerouted") return false;
  return promotion ? node === promotion.to : at >= healAt && node !== undefined && primaries.includes(node);
}

/** When the first operation of the outage was told that it had failed. */
function firstError(
  facts: Facts,
  { injectAt }: FaultWindow,
  interval: OutageInterval | undefined,
): number | undefined {
  if (!interval) return undefined;
  const ends = probeOperations(facts)
    .filter((operation) => isBad(operation) && operation.completedAt !== undefined)
    .map(({ completedAt }) => completedAt as number)
    .filter((at) => at >= injectAt && at >= interval.startAt && at <= (interval.endAt ?? Infinity));
  return ends.length === 0 ? undefined : ends.reduce((a, b) => Math.min(a, b));
}
