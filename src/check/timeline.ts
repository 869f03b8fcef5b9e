import { SLOT_COUNT } from "../base/slots.ts";
import type { TopologyEvent } from "../model/event.ts";
import { dataNodes, type Facts, type FaultWindow } from "./facts.ts";
import { lostPrimaries, windowEnd } from "./losses.ts";
import type { Promotion } from "./promotions-seen.ts";
import { sentinelSubject } from "./sentinel-words.ts";

/**
 * First time after the fault that a Sentinel said so of a primary that it took, or a cluster node flagged one so.
 * Sentinel's events: https://valkey.io/topics/sentinel/#pubsub-messages
 *
 * @param sentinelEvent `+odown`; empty for none
 */
export function firstMention(
  facts: Facts,
  fault: FaultWindow,
  sentinelEvent: string,
  flag?: string,
): number | undefined {
  const lost = lostPrimaries(facts, fault);
  const primaries = lost.length > 0 ? lost : fault.primaries;
  return firstEvent(facts, fault.injectAt, windowEnd(facts, fault), ({ event, detail = "", subject, to }) => {
    if (event === "flag") return flag !== undefined && to === flag && primaries.includes(subject ?? "");
    if (event !== "sentinel" || !detail.startsWith(`${sentinelEvent} `)) return false;
    if (detail.split(" ")[1] === "slave") return ABOUT_REPLICAS.includes(sentinelEvent);
    const about = sentinelSubject(facts, detail);
    return about === undefined || primaries.includes(about);
  });
}

/** Events that are about the replica that is promoted or told to follow; all others count only of the primary. */
const ABOUT_REPLICAS = ["+selected-slave", "+promoted-slave", "+slave-reconf-done"];

/** First time after the promotion that another node counts more slots as served than before: it knows the new owner. */
export function slotsKnown(facts: Facts, fault: FaultWindow, { to, at }: Promotion): number | undefined {
  const served = new Map<string, number>();
  const until = windowEnd(facts, fault);
  for (const event of facts.topology) {
    if (event.at > until) break;
    if (event.event !== "slots") continue;
    const count = Number(event.to);
    if (event.at >= at && event.source !== to && count > (served.get(event.source) ?? Infinity))
      return event.at;
    served.set(event.source, count);
  }
  return undefined;
}

/**
 * First time after `since` at which every data node that still answers counts all slots as served and says
 * `cluster_state:ok`: without full coverage it says so even while slots are served by nobody.
 */
export function slotsServed(facts: Facts, fault: FaultWindow, since: number): number | undefined {
  if (facts.header.topology.kind !== "cluster") return undefined;
  const state = new Map<string, string>();
  const served = new Map<string, string>();
  return firstTime(facts, since, windowEnd(facts, fault), ({ event, source, to = "" }) => {
    if (event === "state") state.set(source, to);
    if (event === "slots") served.set(source, to);
    if (event === "reachable" && to === "no") for (const known of [state, served]) known.delete(source);
    return (
      state.size > 0 &&
      [...state.values()].every((value) => value === "ok") &&
      [...served.values()].every((count) => count === String(SLOT_COUNT))
    );
  });
}

/**
 * First time after the promotion at which every other data node that was not hit has its link up. A link to the primary
 * that was superseded does not count, which stays up while that one stands still; nor does a node that calls itself
 * primary in nobody's place.
 */
export function othersBack(facts: Facts, fault: FaultWindow, promotion: Promotion): number | undefined {
  const { from, to, at } = promotion;
  const others = dataNodes(facts).filter((name) => !fault.targets.includes(name) && name !== to);
  const inCluster = facts.header.topology.kind === "cluster";
  return whenLinked(facts, others, at, windowEnd(facts, fault), (name, { role, follows }) =>
    role === "primary" ? inCluster && name !== from : follows !== from,
  );
}

/** First time after healing began at which every node that was hit is a replica with its link up. */
export function lostRejoined(facts: Facts, fault: FaultWindow): number | undefined {
  const hit = fault.targets.filter((name) => dataNodes(facts).includes(name));
  if (fault.healAt === undefined) return undefined;
  return whenLinked(facts, hit, fault.healAt, windowEnd(facts, fault), (_, { role }) => role === "replica");
}

/** Time of the first event of the window that is such a one. */
export function firstEvent(
  facts: Facts,
  from: number,
  until: number,
  isOne: (event: TopologyEvent) => boolean,
): number | undefined {
  return facts.topology.find((event) => event.at >= from && event.at <= until && isOne(event))?.at;
}

/** What the looks told of a node last. */
interface Told {
  link?: string;
  role?: string;
  follows?: string;
}

/** First time of the window at which each of the nodes has its link up, and is what it is to be. */
function whenLinked(
  facts: Facts,
  names: readonly string[],
  since: number,
  until: number,
  isInPlace: (name: string, told: Told) => boolean,
): number | undefined {
  if (names.length === 0) return undefined;
  const nodes = new Map(names.map((name): [string, Told] => [name, {}]));
  return firstTime(facts, since, until, ({ event, source, to }) => {
    const told = nodes.get(source);
    if (told && to !== undefined && (event === "link" || event === "role" || event === "follows"))
      told[event] = to;
    if (told && event === "reachable" && to === "no") nodes.set(source, {});
    return [...nodes].every(([name, one]) => one.link === "up" && isInPlace(name, one));
  });
}

/** Changes that one look at a node showed are written down at once; two looks at it are at least 20 ms apart. */
const SAME_LOOK_NS = 5e6;

/**
 * Plays all topology events, and gives the first time in the window at which the condition holds. What one look at a
 * node showed counts as a whole: of a primary that became a replica, the role comes before the link that is not up yet.
 */
function firstTime(
  facts: Facts,
  since: number,
  until: number,
  holds: (event: TopologyEvent) => boolean,
): number | undefined {
  let held = false;
  for (const [index, event] of facts.topology.entries()) {
    if (event.at > until) break;
    if (held && event.at > since) return since; // it held already when the window opened
    const next = facts.topology[index + 1];
    const goesOn = next?.source === event.source && next.at - event.at < SAME_LOOK_NS;
    held = holds(event) && !goesOn;
    if (held && event.at >= since) return event.at;
  }
  return held ? since : undefined;
}
