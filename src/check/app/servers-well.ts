import { outageIntervalsOf } from "../../service/outage-intervals.ts";
import { type Facts, type FaultWindow, shardOfNode } from "../facts.ts";
import { finalState } from "../final-topology.ts";
import { observedBy, streamsOf } from "../observed-by.ts";
import { once } from "../once.ts";
import { promotionsSeen } from "../promotions-seen.ts";
import { roleStory } from "../role-story.ts";
import { switchedTo } from "../sentinel-words.ts";
import { settingAt } from "../settings.ts";
import { type Span, sharedNs } from "../span.ts";
import { overlap } from "../stalls.ts";

/**
 * The times in which the servers were well for certain, in order: whoever waited then waited for no server.
 *
 *     by the nodes      each place of a primary is held by a node that answers, calls itself primary, and that no fault
 *                       has hold of; Sentinel has named it; the cluster is up; enough replicas follow it
 *     by our own client its writes went well
 *     neither           while our own client's writes went wrong
 */
export const serversWell = once((facts: Facts): readonly Span[] => {
  const { operations } = streamsOf(facts).writes;
  const bad = outageIntervalsOf(operations, { from: 0, to: facts.endedAt }).map(({ startAt, endAt }) => ({
    from: startAt,
    to: endAt ?? facts.endedAt,
  }));
  const observed = (operations.length === 0 ? [] : observedBy(facts, "writes")).map(({ from, to }) => ({
    from,
    to: Math.min(to, facts.endedAt),
  }));
  return without(joined([...byTheNodes(facts), ...observed]), bad);
});

/** How long in one go they were well within the time, but for what the tool itself did not see. ns. */
export function longestWell(facts: Facts, time: Span): number {
  const seen = serversWell(facts).map((span) => {
    const within = { from: Math.max(span.from, time.from), to: Math.min(span.to, time.to) };
    return sharedNs(span, time) - overlap(facts.stalls, within);
  });
  return Math.max(0, ...seen);
}

/** From when on they were well in that time, for the longest that they were. */
export function wellFrom(facts: Facts, time: Span): number | undefined {
  const [longest] = serversWell(facts).toSorted((a, b) => sharedNs(b, time) - sharedNs(a, time));
  return longest && sharedNs(longest, time) > 0 ? Math.max(longest.from, time.from) : undefined;
}

/** Who holds each place of a primary at a time: in HA there is one place. */
export function holdersAt(facts: Facts, at: number): readonly string[] {
  const holders = new Map<number | undefined, string>();
  const { kind, nodes, shards } = facts.header.topology;
  if (kind === "ha") holders.set(undefined, nodes.find(({ role }) => role === "primary")?.name ?? "");
  for (const { shard, primary } of shards) holders.set(shard, primary);
  for (const one of promotionsSeen(facts)) if (one.at <= at) holders.set(one.shard, one.to);
  return [...holders.values()];
}

/** When the node lost its place for good, by that time; `undefined`: it never held one, or has it still. */
export function supersededAt(facts: Facts, node: string, at: number): number | undefined {
  const { role } = facts.header.topology.nodes.find(({ name }) => name === node) ?? {};
  const seen = promotionsSeen(facts).filter((one) => one.at <= at);
  const held = role === "primary" || seen.some(({ to }) => to === node);
  if (!held || holdersAt(facts, at).includes(node)) return undefined;
  const shard = shardOfNode(facts, node);
  const last = seen.findLast((one) => one.from === node) ?? seen.findLast((one) => one.shard === shard);
  return last?.at;
}

/** What the nodes have said of themselves so far. */
interface Told {
  readonly reachable: Set<string>;
  readonly role: Map<string, string>;
  readonly follows: Map<string, string>;
  readonly link: Map<string, string>;
  readonly state: Map<string, string>;
  /** Whom Sentinel named last. */
  named?: string;
}

/** A moment at which something may have changed. */
interface Moment {
  readonly at: number;
  readonly take: (told: Told) => void;
}

function byTheNodes(facts: Facts): Span[] {
  const told: Told = {
    reachable: new Set(),
    role: new Map(),
    follows: new Map(),
    link: new Map(),
    state: new Map(),
  };
  const spans: Span[] = [];
  let from: number | undefined;
  for (const { at, take } of momentsOf(facts)) {
    const was = from !== undefined;
    take(told);
    const is = isWell(facts, told, at);
    if (is && !was) from = at;
    if (!is && from !== undefined) {
      spans.push({ from, to: at });
      from = undefined;
    }
  }
  if (from !== undefined && !endsUnsound(facts)) spans.push({ from, to: facts.endedAt });
  return spans;
}

function momentsOf(facts: Facts): Moment[] {
  const nothing = () => {};
  const moments: Moment[] = roleStory(facts).events.map((event) => ({
    at: event.at,
    take(told) {
      const { subject = "", to = "", detail = "" } = event;
      if (event.event === "reachable") told.reachable[to === "yes" ? "add" : "delete"](subject);
      if (event.event === "role") told.role.set(subject, to);
      if (event.event === "follows") told.follows.set(subject, to);
      if (event.event === "link") told.link.set(subject, to);
      if (event.event === "state") told.state.set(subject, to);
      if (event.event === "sentinel" && detail.startsWith("+switch-master "))
        told.named = switchedTo(facts, detail) ?? told.named;
    },
  }));
  for (const fault of facts.faults)
    for (const at of [fault.injectAt, overAt(fault)])
      if (Number.isFinite(at)) moments.push({ at, take: nothing });
  for (const { at } of facts.settingChanges) moments.push({ at, take: nothing });
  return moments.sort((a, b) => a.at - b.at);
}

function isWell(facts: Facts, told: Told, at: number): boolean {
  const { kind } = facts.header.topology;
  const least = Number(settingAt(facts, "min-replicas-to-write", at) ?? 0);
  return holdersAt(facts, at).every((holder) => {
    if (!told.reachable.has(holder) || told.role.get(holder) !== "primary") return false;
    if (facts.faults.some((fault) => hasHold(fault, holder, at))) return false;
    if (kind === "cluster" && told.state.get(holder) === "fail") return false;
    if (kind === "ha" && !isNamed(facts, told, holder, at)) return false;
    return least === 0 || followersOf(told, holder).length >= least;
  });
}

/** Clients go to whom Sentinel names, if one is there to ask. One that has named nobody yet names the first. */
function isNamed(facts: Facts, { named }: Told, holder: string, at: number): boolean {
  const { nodes } = facts.header.topology;
  const sentinels = nodes.filter(({ role }) => role === "sentinel");
  if (sentinels.length === 0) return true;
  const isFree = ({ name }: { name: string }) => !facts.faults.some((fault) => hasHold(fault, name, at));
  if (!sentinels.some(isFree)) return false;
  const first = nodes.find(({ role }) => role === "primary")?.name;
  return (named ?? first) === holder || !tellsOfSwitches(facts);
}

const tellsOfSwitches = once((facts: Facts): boolean =>
  facts.topology.some(({ event, detail }) => event === "sentinel" && detail?.startsWith("+switch-master ")),
);

function followersOf({ role, link, follows }: Told, holder: string): string[] {
  return [...role]
    .filter(([node, is]) => is === "replica" && link.get(node) === "up")
    .map(([node]) => node)
    .filter((node) => (follows.get(node) ?? holder) === holder);
}

/** Of a link, both ends. */
function hasHold(fault: FaultWindow, node: string, at: number): boolean {
  const names = [...fault.targets.flatMap((name) => name.split(">")), ...fault.primaries];
  return names.includes(node) && fault.injectAt <= at && overAt(fault) > at;
}

/** What removes data at once is over then; all else, when it was undone. */
function overAt({ healedAt, losesData, injectedAt }: FaultWindow): number {
  return healedAt ?? (losesData === "at-once" ? (injectedAt ?? Infinity) : Infinity);
}

/** What was found at the end goes before what was seen on the way. */
function endsUnsound(facts: Facts): boolean {
  return facts.complete && facts.finalNodes.length > 0 && finalState(facts).problems.length > 0;
}

function joined(spans: readonly Span[]): Span[] {
  const found: { from: number; to: number }[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else found.push({ from, to });
  }
  return found;
}

function without(spans: readonly Span[], bad: readonly Span[]): Span[] {
  return bad.reduce<Span[]>(
    (left, { from, to }) =>
      left.flatMap((span) => {
        if (to <= span.from || from >= span.to) return [span];
        const parts = [
          { from: span.from, to: from },
          { from: to, to: span.to },
        ];
        return parts.filter((part) => part.to > part.from);
      }),
    [...spans],
  );
}
