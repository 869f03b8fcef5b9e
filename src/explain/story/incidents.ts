import type { IncidentEvent, NodeId } from "../model.ts";
import type { Roles } from "./roles.ts";
import { lastOf, type System } from "./systems.ts";

/**
 * What happened around one loss of a primary, before anybody knows why. Times in ms since 1970, on the common clock.
 */
export interface Incident {
  readonly system: System;
  readonly roles: Roles;
  /** The primary that was lost; undefined: the logs do not name it. */
  readonly primary: NodeId | undefined;
  /** When somebody first did something about it, or it told of its own end. */
  readonly firstAt: number;
  /** The last line that has to do with it. */
  readonly lastAt: number;
  /** When the next incident of the same nodes begins, or the logs end. */
  readonly until: number;
  /** When the one before was over, or the logs begin. */
  readonly after: number;
  /** Who took its place; undefined: nobody. */
  readonly promoted?: NodeId;
  readonly promotedAt?: number;
}

/**
 * Trouble with the same primary within that time is one incident. A Sentinel that gave up tries again after some
 * minutes.
 */
const SAME_MS = 60_000;
const SENTINEL_SAME_MS = 400_000;
/** What others tell of a promotion after it, and a Sentinel that is late, is the same incident. */
const TAIL_MS = 5_000;

interface Open {
  readonly key: string;
  primary: NodeId | undefined;
  firstAt: number;
  lastAt: number;
  promoted?: NodeId;
  promotedAt?: number;
}

/** The incidents of a system, in order of time. */
export function incidentsOf(system: System, roles: Roles): Incident[] {
  const { events } = system;
  const all: Open[] = [];
  const promotions = roles.changes.filter(({ node, role }, index) => {
    if (role !== "primary") return false;
    const before = roles.changes.findLast((one, at) => at < index && one.node === node);
    return (before ?? roles.first.get(node))?.role !== "primary";
  });
  for (const event of events) {
    const promotion = promotions.find((one) => one.event === event);
    const about = promotion
      ? primaryBefore(system, roles, promotion.node, event.at)
      : troubled(system, roles, event);
    if (about === undefined) continue;
    const { at } = event;
    if (!promotion && hasLostItsPlace(all, promotions, about.primary, at)) continue;
    const known = all.findLast((one) => isSame(system, one, about.primary, at, promotion?.node));
    const open: Open = known ?? { key: `${about.primary}`, primary: about.primary, firstAt: at, lastAt: at };
    if (!known) all.push(open);
    open.lastAt = at;
    if (promotion) Object.assign(open, { promoted: promotion.node, promotedAt: at });
  }
  all.push(...silentLosses(system, roles, all));
  const begins = events[0]?.at ?? 0;
  const ends = lastOf(system);
  return all
    .toSorted((a, b) => a.firstAt - b.firstAt)
    .filter((one) => isWorthTelling(system, one))
    .map((one, index, kept) => {
      const sameNodes = (other: Open) => system.kind === "ha" || related(one, other);
      const next = kept.slice(index + 1).find(sameNodes);
      const before = kept.slice(0, index).findLast(sameNodes);
      const { key: _, ...rest } = one;
      return {
        ...rest,
        system,
        roles,
        until: next?.firstAt ?? ends + 1,
        after: before?.lastAt ?? begins,
      };
    });
}

/** Nobody spoke of it for so long before or after: no Sentinel and no other node noticed. */
const UNNOTICED_MS = 60_000;
/** A process that is back sooner was restarted. */
const GONE_MS = 2_000;

/**
 * Primaries at whose address nothing listens any more, and of which neither a Sentinel nor a node of the cluster says
 * anything.
 */
function silentLosses(system: System, roles: Roles, told: readonly Open[]): Open[] {
  const found = new Map<NodeId, Open>();
  for (const { kind, node, at, data, repeated } of system.events) {
    if (kind !== "sync-failed" || !/refused/i.test(data.detail ?? "")) continue;
    const { follows } = roles.at(node, at);
    if (follows === undefined) continue;
    const open = found.get(follows) ?? { key: follows, primary: follows, firstAt: at, lastAt: at };
    found.set(follows, Object.assign(open, { lastAt: repeated?.until ?? at }));
  }
  return [...found.values()].filter(
    ({ primary, firstAt, lastAt }) =>
      lastAt - firstAt >= GONE_MS &&
      !told.some(
        (one) =>
          (one.primary === primary || one.promoted === primary) &&
          one.firstAt < lastAt + UNNOTICED_MS &&
          one.lastAt > firstAt - UNNOTICED_MS,
      ),
  );
}

/**
 * Another took its place a while ago, and it is no primary since: who still speaks of it is late, or speaks of a
 * replica.
 */
function hasLostItsPlace(
  all: readonly Open[],
  promotions: readonly { readonly node: NodeId; readonly at: number }[],
  primary: NodeId | undefined,
  at: number,
): boolean {
  const lost = all.findLast((one) => one.primary === primary && one.promotedAt !== undefined);
  const { promotedAt = Infinity } = lost ?? {};
  const again = promotions.some((one) => one.node === primary && one.at > promotedAt && one.at <= at);
  return at > promotedAt + TAIL_MS && !again;
}

/** In a cluster two losses have to do with each other where one took the other's place. */
function related(one: Open, other: Open): boolean {
  return one.primary === other.primary || one.promoted === other.primary || one.primary === other.promoted;
}

function isSame(
  { kind }: System,
  open: Open,
  primary: NodeId | undefined,
  at: number,
  promoted: NodeId | undefined,
): boolean {
  const gap = kind === "ha" ? SENTINEL_SAME_MS : SAME_MS;
  if (at - open.lastAt > (open.promotedAt === undefined ? gap : TAIL_MS)) return false;
  if (promoted !== undefined && open.promoted !== undefined && open.promoted !== promoted) return false;
  if (primary !== undefined && primary === open.promoted) return promoted === open.promoted;
  return primary === undefined || open.primary === undefined || primary === open.primary;
}

/**
 * A Sentinel that missed a beat, or a node that was started anew and nobody noticed, is no incident where nobody else
 * said anything.
 */
function isWorthTelling({ events }: System, { promoted, firstAt, lastAt, primary }: Open): boolean {
  if (promoted !== undefined) return true;
  return events.some(
    ({ at, kind, subject, node }) =>
      at >= firstAt &&
      at <= lastAt &&
      (LOUD.includes(kind) ||
        (["crashed", "out-of-memory", "+sdown"].includes(kind) && (subject ?? node) === primary)),
  );
}

const LOUD: readonly string[] = [
  "+odown",
  "+try-failover",
  "+switch-master",
  "-failover-abort-not-elected",
  "-failover-abort-no-good-slave",
  "-failover-abort-slave-timeout",
  "-failover-abort-master-is-back",
  "failed",
  "suspects",
  "election-started",
  "cannot-failover",
  "manual-failover",
  "restarted",
  "sync-failed",
];

const OWN_END: readonly string[] = ["shutdown", "shutdown-asked", "crashed", "out-of-memory"];
const ABOUT_PRIMARY: readonly string[] = [
  "+sdown",
  "-sdown",
  "+odown",
  "-odown",
  "+try-failover",
  "+elected-leader",
  "+failover-state-select-slave",
  "+failover-end",
  "-failover-abort-not-elected",
  "-failover-abort-no-good-slave",
  "-failover-abort-slave-timeout",
  "-failover-abort-master-is-back",
];
const BY_CANDIDATES: readonly string[] = ["election-delayed", "election-started", "cannot-failover"];

/** The primary about which a line tells that something is wrong; undefined: the line tells nothing of that kind. */
function troubled(
  system: System,
  roles: Roles,
  event: IncidentEvent,
): { readonly primary: NodeId | undefined } | undefined {
  const { kind, node, subject, data, at } = event;
  if (ABOUT_PRIMARY.includes(kind) && data.subjectKind === "primary") return { primary: subject };
  if (kind === "+switch-master") return { primary: subject };
  if (kind === "suspects" || kind === "failed")
    return subject !== undefined && roles.at(subject, at).role === "primary"
      ? { primary: subject }
      : undefined;
  if (kind === "manual-failover" || BY_CANDIDATES.includes(kind)) {
    const { role, follows } = roles.at(node, at - JUST_BEFORE_MS);
    if (roles.at(node, at).role === "primary" && kind !== "manual-failover") return undefined;
    if (role !== "primary") return { primary: follows ?? primaryBefore(system, roles, node, at).primary };
    return kind === "manual-failover" ? { primary: node } : undefined;
  }
  if (OWN_END.includes(kind))
    return roles.at(node, at - 1).role === "primary" ? { primary: node } : undefined;
  if (kind === "restarted") {
    const lived = system.events.some((one) => one.node === node && one.at < at - STARTING_MS);
    return lived && roles.at(node, at - 1).role === "primary" ? { primary: node } : undefined;
  }
  return undefined;
}

/** Lines of one millisecond: what a node was before them. */
const JUST_BEFORE_MS = 0.001;

/** What a node writes before the line that says that it starts. */
const STARTING_MS = 100;

/** Whose place a node takes. */
function primaryBefore(
  { kind, nodes }: System,
  roles: Roles,
  node: NodeId,
  at: number,
): { readonly primary: NodeId | undefined } {
  const { follows } = roles.at(node, at - JUST_BEFORE_MS);
  if (follows !== undefined) return { primary: follows };
  if (kind === "cluster") return { primary: roles.first.get(node)?.follows };
  const others = nodes.filter(
    ({ id, kind: what }) =>
      what !== "sentinel" && id !== node && roles.at(id, at - JUST_BEFORE_MS).role === "primary",
  );
  return { primary: others.length === 1 ? others[0]?.id : roles.first.get(node)?.follows };
}
