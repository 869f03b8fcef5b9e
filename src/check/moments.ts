import type { ClientEventData, LogEventData } from "../model/observed.ts";
import type { PhaseResult } from "../model/result.ts";
import type { Facts, FaultWindow } from "./facts.ts";
import { windowEnd } from "./losses.ts";
import { probeOperations } from "./observed-by.ts";
import { isBad, longest, type Stretch } from "./outage-of.ts";
import type { FaultOutage } from "./probes.ts";
import { promotionsOf } from "./promotions.ts";
import type { Promotion } from "./promotions-seen.ts";
import { settingAt } from "./settings.ts";
import { firstMention, lostRejoined, othersBack, slotsKnown, slotsServed } from "./timeline.ts";

/** A moment of a failover, ns on the run's clock. */
export interface Moment {
  readonly name: string;
  readonly at: number;
  readonly seenBy: PhaseResult["seenBy"];
  /** On the way from the last success to the first of the lasting recovery. */
  readonly path: boolean;
  /** Off the path: the moment that it follows from. */
  readonly since?: string;
  /** The line of a log that tells of it. */
  readonly log?: LogEventData;
}

type Candidate = Omit<Moment, "at" | "path"> & { readonly at: number | undefined };

/**
 * The moments after one fault, in the order in which they came; what never came is left out. Those on the way from the last
 * success to the first of the lasting recovery are its path: what came earlier or later did not decide how long that took.
 */
export function momentsOf(facts: Facts, fault: FaultWindow, outage: FaultOutage | undefined): Moment[] {
  const [promotion] = promotionsOf(facts, fault);
  const kind = outage?.measured.writes === false ? "reads" : "writes";
  const stretch = longest(outage?.[kind] ?? []);
  const other = longest(outage?.[kind === "writes" ? "reads" : "writes"] ?? []);
  const end: Candidate = { name: firstSuccess[kind], at: stretch?.endAt, seenBy: "client" };
  const onTheWay: Candidate[] = [
    { name: "last success", at: stretch?.startAt, seenBy: "client" },
    { name: "fault", at: fault.injectAt, seenBy: "drill" },
    ...(facts.header.topology.kind === "ha"
      ? sentinelMoments(facts, fault, promotion)
      : clusterMoments(facts, fault, promotion)),
    ...(promotion ? [] : [healed(facts, fault)]),
    ...(needsReplicas(facts, fault) ? replicaMoments(facts, fault, promotion) : []),
    clientMoment(facts, fault, "reconnected", (event) => isReconnected(event, promotion, fault)),
    end,
  ];
  const besides: Candidate[] = [
    { name: "first error", at: firstError(facts, fault, stretch), seenBy: "client", since: "fault" },
    clientMoment(facts, fault, "first retry", ({ event }) => event === "reconnecting"),
    {
      name: firstSuccess[kind === "writes" ? "reads" : "writes"],
      at: other?.endAt,
      seenBy: "client",
      since: "fault",
    },
    ...(needsReplicas(facts, fault) ? [] : replicaMoments(facts, fault, promotion)),
    ...(promotion ? [healed(facts, fault)] : []),
    {
      name: "all replicas back",
      at: lostRejoined(facts, fault),
      seenBy: "look",
      since: healed(facts, fault).name,
    },
  ];
  const isOnPath = (at: number) =>
    stretch !== undefined && at >= stretch.startAt && at <= (stretch.endAt ?? Infinity);
  return [
    ...onTheWay.map((moment) => ({ ...moment, path: moment.at !== undefined && isOnPath(moment.at) })),
    ...besides.map((moment) => ({ ...moment, path: false })),
  ]
    .filter((moment): moment is Moment => moment.at !== undefined)
    .map((moment) => (moment.path ? moment : { since: "fault", ...moment }))
    .sort((a, b) => a.at - b.at);
}

const firstSuccess = { writes: "first write", reads: "first read" } as const;

function sentinelMoments(facts: Facts, fault: FaultWindow, promotion: Promotion | undefined): Candidate[] {
  const said = (name: string, event: string): Candidate => ({
    name,
    at: firstMention(facts, fault, event),
    seenBy: "sentinel",
  });
  return [
    said("suspected", "+sdown"),
    said("detected", "+odown"),
    said("voted", "+vote-for-leader"),
    said("elected", "+elected-leader"),
    said("selected", "+selected-slave"),
    ...promoted(facts, fault, promotion),
    said("confirmed", "+promoted-slave"),
    said("announced", "+switch-master"),
  ];
}

function clusterMoments(facts: Facts, fault: FaultWindow, promotion: Promotion | undefined): Candidate[] {
  const pfail = firstMention(facts, fault, "", "pfail");
  const fail = firstMention(facts, fault, "", "fail");
  const started = promotion && lastLine(facts, fault, promotion, "election-started");
  return [
    // One look may find a node failed already that the look before found well.
    { name: "suspected", at: pfail && Math.min(pfail, fail ?? Infinity), seenBy: "look" },
    { name: "detected", at: fail, seenBy: "look" },
    {
      name: "election",
      at: started?.at,
      seenBy: "log",
      log: promotion && lastLine(facts, fault, promotion, "election-delayed"),
    },
    ...voted(facts, fault, promotion, started),
    ...promoted(facts, fault, promotion),
    { name: "slots owned", at: promotion && slotsKnown(facts, fault, promotion), seenBy: "look" },
    { name: "all slots served", at: promotion && slotsServed(facts, fault, promotion.at), seenBy: "look" },
  ];
}

/** Where a write is taken or acknowledged only with replicas, their return decides when writes go well again. */
function needsReplicas(facts: Facts, { injectAt }: FaultWindow): boolean {
  return (
    facts.header.waitReplicas > 0 || Number(settingAt(facts, "min-replicas-to-write", injectAt) ?? 0) > 0
  );
}

function replicaMoments(facts: Facts, fault: FaultWindow, promotion: Promotion | undefined): Candidate[] {
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

/** The first vote that a primary gave in the election which the promoted node won. Clocks of two logs differ by a little. */
function voted(
  facts: Facts,
  fault: FaultWindow,
  promotion: Promotion | undefined,
  started: LogEventData | undefined,
): Candidate[] {
  const won = promotion && lastLine(facts, fault, promotion, "promoted");
  if (!started || !won) return [];
  const vote = (facts.observations("log-event") as LogEventData[]).find(
    ({ event, at, errorMs }) =>
      event === "vote-granted" && at >= started.at - (started.errorMs + errorMs) * 1e6 && at <= won.at,
  );
  return vote ? [{ name: "voted", at: Math.max(vote.at, started.at), seenBy: "log" }] : [];
}

/** By the node's own log, which tells it to the millisecond; else by our looks. */
function promoted(facts: Facts, fault: FaultWindow, promotion: Promotion | undefined): Candidate[] {
  if (!promotion) return [];
  const log = lastLine(facts, fault, promotion, "promoted");
  return [
    log
      ? { name: "promoted", at: log.at, seenBy: "log", log }
      : { name: "promoted", at: promotion.at, seenBy: "look" },
  ];
}

/** The last such line that the promoted node wrote between the fault and our seeing it promoted. */
function lastLine(
  facts: Facts,
  { injectAt }: FaultWindow,
  { to, at: seenAt }: Promotion,
  event: LogEventData["event"],
): LogEventData | undefined {
  return (facts.observations("log-event") as LogEventData[]).findLast(
    (line) =>
      line.node === to &&
      line.event === event &&
      line.at > injectAt &&
      line.at <= seenAt + line.errorMs * 1e6,
  );
}

/** A node that came back as a new process was started again; any other goes on. */
function healed(facts: Facts, { healAt, healedAt, targets }: FaultWindow): Candidate {
  // What was over by itself was not undone by anybody.
  if (healAt === undefined) return { name: "healed", at: undefined, seenBy: "drill" };
  const lines = facts.observations("log-event") as LogEventData[];
  const anew = lines.some(
    ({ event, node, at, errorMs }) =>
      event === "restarted" &&
      targets.includes(node) &&
      at >= healAt - errorMs * 1e6 &&
      at <= (healedAt ?? Infinity),
  );
  return { name: anew ? "restarted" : "healed", at: healedAt, seenBy: "drill" };
}

function clientMoment(
  facts: Facts,
  fault: FaultWindow,
  name: string,
  isIt: (event: ClientEventData) => boolean,
): Candidate {
  const until = windowEnd(facts, fault);
  const sender = facts.header.waitReplicas > 0 ? "writer" : "main";
  const found = (facts.observations("client-event") as ClientEventData[]).find(
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
  stretch: Stretch | undefined,
): number | undefined {
  if (!stretch) return undefined;
  const ends = probeOperations(facts)
    .filter((operation) => isBad(operation) && operation.completedAt !== undefined)
    .map(({ completedAt }) => completedAt as number)
    .filter((at) => at >= injectAt && at >= stretch.startAt && at <= (stretch.endAt ?? Infinity));
  return ends.length === 0 ? undefined : ends.reduce((a, b) => Math.min(a, b));
}
