import type { LogEventData } from "../model/observed.ts";
import type { Facts, FaultWindow } from "./facts.ts";
import { lostPrimaries, windowEnd } from "./losses.ts";
import type { Candidate } from "./phase-end.ts";
import type { Promotion } from "./promotions-seen.ts";
import { firstMention, slotsKnown, slotsServed } from "./timeline.ts";

/** What the servers did after a fault, each in the order in which one led to the next. */
export function momentsOfServers(
  facts: Facts,
  fault: FaultWindow,
  promotion: Promotion | undefined,
): Candidate[] {
  return facts.header.topology.kind === "ha"
    ? sentinelPhaseEnds(facts, fault, promotion)
    : clusterPhaseEnds(facts, fault, promotion);
}

/** What the Sentinels did after a fault, each in the order in which one led to the next. */
function sentinelPhaseEnds(facts: Facts, fault: FaultWindow, promotion: Promotion | undefined): Candidate[] {
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

/** What the nodes of a cluster did after a fault, each in the order in which one led to the next. */
function clusterPhaseEnds(facts: Facts, fault: FaultWindow, promotion: Promotion | undefined): Candidate[] {
  const election = electionLines(facts, fault, promotion);
  const started = election.find(({ event }) => event === "election-started");
  return [
    ...held(facts, fault),
    {
      name: "election",
      at: started?.at,
      errorMs: started?.errorMs,
      seenBy: "log",
      logs: election,
    },
    ...voted(facts, fault, promotion, started),
    ...promoted(facts, fault, promotion),
    { name: "slots owned", at: promotion && slotsKnown(facts, fault, promotion), seenBy: "look" },
    { name: "all slots served", at: promotion && slotsServed(facts, fault, promotion.at), seenBy: "look" },
  ];
}

/**
 * When a node first suspected a lost primary, and when one first held it to have failed as a majority does: by the
 * nodes' logs to the millisecond, else by our looks.
 */
function held(facts: Facts, fault: FaultWindow): Candidate[] {
  const byLook = {
    pfail: firstMention(facts, fault, "", "pfail"),
    fail: firstMention(facts, fault, "", "fail"),
  };
  const told = (name: string, event: LogEventData["event"], looked: number | undefined): Candidate => {
    const line = firstAbout(facts, fault, event);
    // A log that was not read may have been first; then our looks were.
    const isFirst = line && line.at - line.errorMs * 1e6 <= (looked ?? Infinity);
    return isFirst
      ? { name, at: line.at, errorMs: line.errorMs, seenBy: "log" }
      : { name, at: looked, seenBy: "look" };
  };
  // One look may find a node failed already that the look before found well.
  const suspected = byLook.pfail && Math.min(byLook.pfail, byLook.fail ?? Infinity);
  return [told("suspected", "suspects", suspected), told("detected", "failed", byLook.fail)];
}

function firstAbout(
  facts: Facts,
  fault: FaultWindow,
  event: LogEventData["event"],
): LogEventData | undefined {
  const lost = lostPrimaries(facts, fault);
  const primaries = lost.length > 0 ? lost : fault.primaries;
  const until = windowEnd(facts, fault);
  return logEvents(facts).find(
    (line) =>
      line.event === event &&
      primaries.includes(line.subject ?? "") &&
      line.at + line.errorMs * 1e6 >= fault.injectAt &&
      line.at <= until,
  );
}

/** What the promoted node wrote of the election that it won, from "delayed" on. */
function electionLines(
  facts: Facts,
  { injectAt }: FaultWindow,
  promotion: Promotion | undefined,
): readonly LogEventData[] {
  if (!promotion) return [];
  const own = logEvents(facts).filter(
    ({ node, at, errorMs }) => node === promotion.to && at > injectAt && at <= promotion.at + errorMs * 1e6,
  );
  const started = own.findLastIndex(({ event }) => event === "election-started");
  if (started < 0) return [];
  const delayed = own.slice(0, started).findLastIndex(({ event }) => event === "election-delayed");
  // That it may start at once is written before the delay is.
  const from = own[delayed - 1]?.event === "election-at-once" ? delayed - 1 : delayed;
  return own
    .slice(Math.max(0, from < 0 ? started : from), started + 1)
    .filter(({ event }) => event.startsWith("election-"));
}

/**
 * The first vote that a primary gave in the election which the promoted node won. Clocks of two logs differ by a
 * little.
 */
function voted(
  facts: Facts,
  fault: FaultWindow,
  promotion: Promotion | undefined,
  started: LogEventData | undefined,
): Candidate[] {
  const won = promotion && lastLine(facts, fault, promotion, "promoted");
  if (!started || !won) return [];
  const vote = logEvents(facts).find(
    ({ event, subject = won.node, at, errorMs }) =>
      event === "vote-granted" &&
      subject === won.node &&
      at >= started.at - (started.errorMs + errorMs) * 1e6 &&
      at <= won.at,
  );
  return vote ? [{ name: "voted", at: vote.at, errorMs: vote.errorMs, seenBy: "log" }] : [];
}

/** By the node's own log, which tells it to the millisecond; else by our looks. */
function promoted(facts: Facts, fault: FaultWindow, promotion: Promotion | undefined): Candidate[] {
  if (!promotion) return [];
  const log = lastLine(facts, fault, promotion, "promoted");
  return [
    log
      ? { name: "promoted", at: log.at, errorMs: log.errorMs, seenBy: "log", logs: [log] }
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
  return logEvents(facts).findLast(
    (line) =>
      line.node === to &&
      line.event === event &&
      line.at > injectAt &&
      line.at <= seenAt + line.errorMs * 1e6,
  );
}

function logEvents(facts: Facts): readonly LogEventData[] {
  return facts.observations("log-event");
}
