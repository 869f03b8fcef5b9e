import { dataNodes, type Facts, type FaultWindow, shardOfNode, toMs } from "./facts.ts";
import { windowEnd } from "./losses.ts";
import { outagesOf } from "./probes.ts";

/** A moment of a failover, in ms since the fault. */
export interface Phase {
  readonly name: string;
  readonly atMs: number;
}

/** Who lost the primary's place and who took it. */
export interface Promotion {
  readonly from: string;
  readonly to: string;
  /** ns on the run's clock. */
  readonly at: number;
}

/**
 * The moments of the failover after one fault, in the order in which they came; what never came is left out.
 *
 * Sentinel's own events give `suspected` (+sdown), `detected` (+odown), `elected` (+elected-leader) and `announced`
 * (+switch-master); the cluster nodes' flags give `suspected` (pfail) and `detected` (fail); the nodes' roles and links give
 * the rest; the probe gives `first write` and `first read`.
 */
export function phasesOf(facts: Facts, fault: FaultWindow): Phase[] {
  const promotion = promotionsOf(facts, fault)[0];
  const outage = outagesOf(facts, [fault]).find((entry) => entry.group === "hit");
  const moments: [name: string, at: number | undefined][] = [
    ["suspected", firstMention(facts, fault, "+sdown", "pfail")],
    ["detected", firstMention(facts, fault, "+odown", "fail")],
    ["elected", firstMention(facts, fault, "+elected-leader")],
    ["promoted", promotion?.at],
    ["announced", firstMention(facts, fault, "+switch-master")],
    ["first write", outage?.writes[0]?.endAt],
    ["first read", outage?.reads[0]?.endAt],
    ["all slots served", promotion && slotsServed(facts, fault, promotion.at)],
    ["replicas back", promotion && othersBack(facts, fault, promotion)],
    ["restarted", fault.healedAt],
    ["all replicas back", fault.healedAt === undefined ? undefined : lostRejoined(facts, fault)],
  ];
  const phases = moments
    .filter((moment): moment is [string, number] => moment[1] !== undefined)
    .sort(([, a], [, b]) => a - b)
    .map(([name, at]) => ({ name, atMs: Math.max(0, toMs(at - fault.injectAt)) }));
  return [{ name: "fault", atMs: 0 }, ...phases];
}

/** The promotions after a fault that took primaries: for each of them, the first node that became primary in its place. */
export function promotionsOf(facts: Facts, fault: FaultWindow): Promotion[] {
  const until = fault.healAt ?? windowEnd(facts, fault);
  return fault.primaries.flatMap((from) => {
    const event = facts.topology.find(
      ({ event, subject, to, at }) =>
        event === "role" &&
        to === "primary" &&
        subject !== undefined &&
        subject !== from &&
        shardOfNode(facts, subject) === shardOfNode(facts, from) &&
        at > fault.injectAt &&
        at <= until,
    );
    return event?.subject === undefined ? [] : [{ from, to: event.subject, at: event.at }];
  });
}

/**
 * Promotions that no loss asked for: after a fault, nodes that became primary though another had taken the lost one's place
 * already. The old primary calling itself one when it comes back is not among them.
 */
export function needlessPromotions(facts: Facts, fault: FaultWindow): Promotion[] {
  const until = windowEnd(facts, fault);
  return promotionsOf(facts, fault).flatMap(({ from, to, at: promotedAt }) =>
    facts.topology.flatMap(({ event, subject, to: role, at }) => {
      const another =
        subject !== undefined &&
        subject !== from &&
        subject !== to &&
        shardOfNode(facts, subject) === shardOfNode(facts, from);
      return event === "role" && role === "primary" && another && at > promotedAt && at <= until
        ? [{ from: to, to: subject, at }]
        : [];
    }),
  );
}

/** First time after the fault that a Sentinel said so of the primary, or a cluster node flagged a lost primary so. */
export function firstMention(
  facts: Facts,
  fault: FaultWindow,
  sentinelEvent: string,
  flag?: string,
): number | undefined {
  const until = windowEnd(facts, fault);
  return facts.topology.find(({ at, event, detail, subject, to }) => {
    if (at < fault.injectAt || at > until) return false;
    if (event === "flag") return flag !== undefined && to === flag && fault.primaries.includes(subject ?? "");
    const [name, kind] = detail?.split(" ") ?? [];
    return event === "sentinel" && name === sentinelEvent && (kind === "master" || name === "+switch-master");
  })?.at;
}

/** First time after `since` at which every data node that still answers says that all slots are served. */
function slotsServed(facts: Facts, fault: FaultWindow, since: number): number | undefined {
  if (facts.header.topology.kind !== "cluster") return undefined;
  const state = new Map<string, string>();
  return firstTime(facts, since, windowEnd(facts, fault), (event) => {
    if (event.event === "state" && event.to !== undefined) state.set(event.source, event.to);
    if (event.event === "reachable" && event.to === "no") state.delete(event.source);
    return state.size > 0 && [...state.values()].every((value) => value === "ok");
  });
}

/** First time after the promotion at which every other data node that was not hit has its link up. */
function othersBack(facts: Facts, fault: FaultWindow, promotion: Promotion): number | undefined {
  const others = dataNodes(facts).filter((name) => !fault.targets.includes(name) && name !== promotion.to);
  return whenLinked(facts, others, promotion.at, windowEnd(facts, fault));
}

/** First time after healing at which every node that was hit is a replica with its link up. */
function lostRejoined(facts: Facts, fault: FaultWindow): number | undefined {
  const hit = fault.targets.filter((name) => dataNodes(facts).includes(name));
  return whenLinked(facts, hit, fault.healAt as number, windowEnd(facts, fault), true);
}

function whenLinked(
  facts: Facts,
  names: readonly string[],
  since: number,
  until: number,
  asReplicas = false,
): number | undefined {
  if (names.length === 0) return undefined;
  const link = new Map<string, string>();
  const role = new Map<string, string>();
  return firstTime(facts, since, until, ({ event, source, to }) => {
    if (event === "link" && to !== undefined) link.set(source, to);
    if (event === "role" && to !== undefined) role.set(source, to);
    if (event === "reachable" && to === "no") {
      link.delete(source);
      role.delete(source);
    }
    return names.every((name) => link.get(name) === "up" && (!asReplicas || role.get(name) === "replica"));
  });
}

/** Changes that one look at a node showed are written down at once; two looks at it are at least 20 ms apart. */
const SAME_LOOK_NS = 5e6;

/**
 * Plays all topology events, and gives the first time in the window at which the condition holds. What one look at a node
 * showed counts as a whole: of a primary that became a replica, the role comes before the link that is not up yet.
 */
function firstTime(
  facts: Facts,
  since: number,
  until: number,
  holds: (event: Facts["topology"][number]) => boolean,
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
