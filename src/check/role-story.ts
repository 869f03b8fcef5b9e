import type { TopologyEvent } from "../model/event.ts";
import type { Facts } from "./facts.ts";
import { once } from "./once.ts";
import { sentinelSubject, switchedTo } from "./sentinel-words.ts";

/** A replica that called itself primary and took nobody's place. Times in ns on the run's clock. */
export interface Detachment {
  readonly node: string;
  /** Whom it had followed, as far as it was told. */
  readonly from?: string;
  readonly at: number;
  /** When it was a replica again, or was promoted after all; absent: not in this run. */
  readonly endedAt?: number;
}

/** What the nodes said of themselves, with what a replica that calls itself primary amounts to. */
export interface RoleStory {
  /**
   * All topology events. Of a replica that took nobody's place `role` is `detached`, until it was promoted after all.
   */
  readonly events: readonly TopologyEvent[];
  readonly detachments: readonly Detachment[];
}

/**
 * Anybody can tell a replica to call itself primary (`REPLICAOF NO ONE`, `CLUSTER RESET`). It is **promoted** only
 * where others hold it to be the primary:
 *
 *     HA        a Sentinel selected, promoted or named it, or another data node began to follow it
 *     cluster   it serves slots by its own account
 *     both      a fault that asked for a failover saw it take over
 *
 * Otherwise it is **detached**, and its former primary keeps its place. What others said may come a while later: the
 * whole time in which it called itself primary counts, as one promotion from its beginning. Where a fault had detached
 * it on purpose, it was promoted only when others said so. A history that does not tell who follows whom, or how many
 * slots a node serves, has only the node's own word: there it was promoted.
 */
export const roleStory = once((facts: Facts): RoleStory => {
  const episodes = episodesOf(facts);
  const open = new Map<TopologyEvent, Episode>(episodes.map((episode) => [episode.begin, episode]));
  const detached = new Map<string, Episode>();
  const events = facts.topology.flatMap((event): TopologyEvent[] => {
    const { event: what, subject = "" } = event;
    const opened = open.get(event);
    if (opened && opened.promotedAt !== opened.begin.at) detached.set(subject, opened);
    const told: TopologyEvent[] = [];
    if (what === "role" && event.to === "replica") detached.delete(subject);
    if (what === "role" && event.to === "primary" && detached.has(subject))
      told.push({ ...event, to: "detached" });
    else told.push(event);
    for (const [name, { promotedAt }] of detached) {
      if (promotedAt === undefined || promotedAt > event.at) continue;
      detached.delete(name);
      told.push({
        type: "topology",
        at: promotedAt,
        source: name,
        event: "role",
        subject: name,
        to: "primary",
      });
    }
    return told;
  });
  const detachments = episodes
    .filter(({ begin, promotedAt }) => promotedAt !== begin.at)
    .map(({ node, from, begin, promotedAt, endedAt }) => ({
      node,
      from,
      at: begin.at,
      endedAt: promotedAt ?? endedAt,
    }));
  return { events, detachments };
});

/** The time for which a node that had been a replica called itself primary. */
interface Episode {
  readonly node: string;
  readonly from?: string;
  readonly begin: TopologyEvent;
  /** A fault detached it on purpose. */
  readonly onPurpose: boolean;
  endedAt?: number;
  promotedAt?: number;
}

/** Where a Sentinel names a node by an address that the history does not know, it may be any. */
const ANYBODY = "";

function episodesOf(facts: Facts): Episode[] {
  const { kind, nodes } = facts.header.topology;
  const role = new Map<string, string>(nodes.map((node) => [node.name, node.role]));
  const follows = new Map<string, string>();
  const current = new Map<string, Episode>();
  const selected = new Set<string>();
  const tellsFollowers = facts.topology.some(({ event }) => event === "follows");
  const known = new Set<string>(); // those that have told their role
  const all: Episode[] = [];
  const confirm = (node: string, at: number) => {
    for (const episode of node === ANYBODY ? current.values() : [current.get(node)])
      if (episode) episode.promotedAt ??= episode.onPurpose ? at : episode.begin.at;
  };
  for (const event of facts.topology) {
    const { event: what, subject, to, at, detail = "" } = event;
    if (what === "sentinel") {
      if (detail.startsWith("-failover-abort")) selected.clear();
      const node = heldPrimary(facts, detail);
      if (node === undefined) continue;
      selected.add(node);
      confirm(node, at);
    }
    if (subject === undefined || to === undefined) continue;
    if (what === "follows") {
      if (kind === "ha" && follows.get(subject) !== to) confirm(to, at);
      follows.set(subject, to);
    }
    if (what !== "role") continue;
    const before = role.get(subject);
    const isFirstWord = !known.has(subject);
    role.set(subject, to);
    known.add(subject);
    const episode = current.get(subject);
    if (to === "replica") {
      if (episode) episode.endedAt = at;
      current.delete(subject);
      if (before !== "replica") selected.delete(subject);
    }
    if (to !== "primary" || before !== "replica") continue;
    const from = follows.get(subject);
    const onPurpose = isDetachedByFault(facts, subject, at);
    const begun: Episode = { node: subject, ...(from !== undefined && { from }), begin: event, onPurpose };
    current.set(subject, begun);
    all.push(begun);
    if (onPurpose) continue;
    const isHeld =
      kind === "cluster"
        ? event.ownSlots !== 0
        : !tellsFollowers || selected.has(subject) || selected.has(ANYBODY);
    // What it was before the first look at it, nobody has seen.
    if (isFirstWord || isHeld || tookOverForFault(facts, subject, at)) begun.promotedAt = at;
  }
  return all;
}

const ABOUT_NEW_PRIMARY = ["+selected-slave", "+failover-state-send-slaveof-noone", "+promoted-slave"];

/** The node that a Sentinel is making the primary by that event, or holds to be it from then on. */
function heldPrimary(facts: Facts, detail: string): string | undefined {
  const [name = ""] = detail.split(" ");
  if (name === "+switch-master") return switchedTo(facts, detail) ?? ANYBODY;
  return ABOUT_NEW_PRIMARY.includes(name) ? (sentinelSubject(facts, detail) ?? ANYBODY) : undefined;
}

function isDetachedByFault(facts: Facts, node: string, at: number): boolean {
  return facts.faults.some(
    ({ roles = [], injectAt, healedAt = Infinity }) =>
      injectAt <= at && at <= healedAt && roles.some(({ detached }) => detached === node),
  );
}

/** By what the fault itself saw: it had asked for it, and waited until somebody was the primary. */
function tookOverForFault(facts: Facts, node: string, at: number): boolean {
  return facts.faults.some(
    ({ roles = [], injectAt, injectedAt = Infinity }) =>
      injectAt < at && at <= injectedAt + LOOK_LATE_NS && roles.some(({ by }) => by === node),
  );
}

/** What a fault saw by its own look may be told by ours so much later. */
const LOOK_LATE_NS = 1e9;

/** Was the node, at that time, one that called itself primary in nobody's place? */
export function isDetachedAt(facts: Facts, node: string, at: number): boolean {
  return roleStory(facts).detachments.some(
    (one) => one.node === node && one.at <= at && (one.endedAt ?? Infinity) > at,
  );
}
