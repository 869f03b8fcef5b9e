import { groupBy } from "../../base/group-by.ts";
import type { IncidentEvent, NodeId } from "../model.ts";
import type { System } from "./systems.ts";

/** A change of a node's role, as the logs tell it. */
export interface RoleTold {
  readonly at: number;
  readonly node: NodeId;
  readonly role: "primary" | "replica";
  /** A replica: its primary, where it is told. */
  readonly follows?: NodeId;
  readonly event: IncidentEvent;
}

/** Who was what, and when. */
export interface Roles {
  readonly changes: readonly RoleTold[];
  /** What a data node was before the first line that tells. */
  readonly first: ReadonlyMap<NodeId, RoleAt>;
  at(node: NodeId, at: number): RoleAt;
}

/** What a node was; absent: nobody knows. */
export interface RoleAt {
  readonly role?: "primary" | "replica";
  readonly follows?: NodeId;
}

/** Only a replica does so. */
const BY_REPLICAS: readonly string[] = [
  "became-replica",
  "connecting-to-primary",
  "primary-link-lost",
  "sync-failed",
  "partial-sync-asked",
  "partial-sync-impossible",
  "partial-sync-done",
  "full-sync-started",
  "full-sync-done",
  "election-delayed",
  "election-started",
  "cannot-failover",
];

/** A primary does so; a replica that others follow may. */
const BY_PRIMARIES: readonly string[] = [
  "replica-asks",
  "partial-sync-given",
  "full-sync-given",
  "replica-synchronised",
  "replica-link-lost",
  "vote-granted",
  "vote-denied",
];

/** What all lines together tell of roles. */
export function rolesOf(system: System): Roles {
  const servers = system.nodes.filter(({ kind }) => kind !== "sentinel");
  const changes = system.events.flatMap(told).concat(promotionsOfOthers(system));
  changes.sort((a, b) => a.at - b.at);
  const first = new Map(
    servers.map(({ id, role, follows }): [NodeId, RoleAt] => {
      const own = changes.filter(({ node }) => node === id);
      return [id, own.length > 0 ? beforeThe(system, own, id) : firstByOthers(system, id, role, follows)];
    }),
  );
  return {
    changes,
    first,
    at(node, at) {
      const last = changes.findLast((one) => one.node === node && one.at <= at);
      if (!last) return first.get(node) ?? {};
      const { role } = last;
      const follows = changes.findLast(
        (one) => one.node === node && one.at <= at && one.follows !== undefined,
      )?.follows;
      return role === "primary" || follows === undefined ? { role } : { role, follows };
    },
  };
}

function told(event: IncidentEvent): RoleTold[] {
  const { at, node, kind, subject } = event;
  if (kind === "promoted" || kind === "election-won") return [{ at, node, role: "primary", event }];
  if (BY_REPLICAS.includes(kind))
    return [{ at, node, role: "replica", ...(subject !== undefined && { follows: subject }), event }];
  return [];
}

/** Of a node whose own log does not tell, by the Sentinels that saw it, or by those that voted for it. */
function promotionsOfOthers(system: System): RoleTold[] {
  const { kind, nodes, events } = system;
  const silent = (id: NodeId | undefined): id is NodeId =>
    id !== undefined && !events.some((event) => event.node === id && event.kind === "promoted");
  if (kind === "cluster") {
    const voted = votedFor(events, nodes.length, silent);
    return [
      ...voted,
      ...followedInstead(system, silent).filter(({ node }) => !voted.some((one) => one.node === node)),
    ];
  }
  return events.flatMap((event) => {
    const { at, data, subject } = event;
    const to =
      event.kind === "+switch-master" ? data.to : event.kind === "+promoted-slave" ? subject : undefined;
    if (!silent(to)) return [];
    const isToldAgain = events.some(
      (other) =>
        other.at < at && other.at > at - SAME_MS && other.kind === event.kind && other.data.to === data.to,
    );
    return isToldAgain ? [] : [{ at, node: to, role: "primary" as const, event }];
  });
}

/** Two accounts of one promotion are no further apart. */
const SAME_MS = 30_000;

/** A primary that finds its slots taken follows who took them: that one was a primary by then, at the latest. */
function followedInstead(
  { events, nodes }: System,
  silent: (id: NodeId | undefined) => id is NodeId,
): RoleTold[] {
  const found = new Map<NodeId, RoleTold>();
  for (const event of events) {
    const { kind, node, subject, at } = event;
    if (kind !== "became-replica" || !silent(subject) || found.has(subject)) continue;
    const wasPrimary = events.some(
      (one) => one.node === node && one.at < at && BY_PRIMARIES.includes(one.kind),
    );
    const hasLog = nodes.some(({ id, files }) => id === subject && files.length > 0);
    if (wasPrimary && !hasLog) found.set(subject, { at, node: subject, role: "primary", event });
  }
  return [...found.values()];
}

function votedFor(
  events: readonly IncidentEvent[],
  nodes: number,
  silent: (id: NodeId | undefined) => id is NodeId,
): RoleTold[] {
  const votes = events.filter(({ kind, subject }) => kind === "vote-granted" && silent(subject));
  const rounds = groupBy(votes, ({ subject, data }) => `${subject} ${data.epoch}`);
  return [...rounds.values()].flatMap((given) => {
    const last = given.at(-1);
    // Somebody follows it afterwards, or two primaries at least voted for it: a vote alone is no majority.
    const won =
      last !== undefined &&
      (given.length > 1 ||
        nodes < 4 ||
        events.some((event) => event.kind === "became-replica" && event.subject === last.subject));
    return won && last.subject !== undefined
      ? [{ at: last.at, node: last.subject, role: "primary" as const, event: last }]
      : [];
  });
}

function beforeThe(system: System, own: readonly RoleTold[], id: NodeId): RoleAt {
  const [first] = own as [RoleTold, ...RoleTold[]];
  if (first.role === "primary") {
    const follows = followedBefore(system, id, first.at);
    return { role: "replica", ...(follows !== undefined && { follows }) };
  }
  if (first.event.kind !== "became-replica" && first.event.kind !== "connecting-to-primary") {
    const follows = own.find((one) => one.follows !== undefined)?.follows;
    return { role: "replica", ...(follows !== undefined && { follows }) };
  }
  const wasPrimary = system.events.some(
    (event) =>
      event.at < first.at &&
      ((event.node === id && BY_PRIMARIES.includes(event.kind)) || isHeldPrimary(event, id)),
  );
  return wasPrimary
    ? { role: "primary" }
    : { role: "replica", ...(first.follows !== undefined && { follows: first.follows }) };
}

/** Whom a node that was promoted had followed: the one of whom the Sentinels, or those that voted, spoke before. */
function followedBefore({ events }: System, id: NodeId, at: number): NodeId | undefined {
  const about = events.findLast(
    (event) =>
      event.at <= at &&
      event.subject !== undefined &&
      event.subject !== id &&
      ((event.node === id && event.kind === "failed") || event.data.subjectKind === "primary"),
  );
  return about?.subject;
}

function firstByOthers(
  { events }: System,
  id: NodeId,
  role: RoleAt["role"],
  follows: NodeId | undefined,
): RoleAt {
  const held = events.find((event) => isHeldPrimary(event, id));
  const asReplica = events.find((event) => event.subject === id && event.data.subjectKind === "replica");
  const asked = events.find((event) => event.subject === id && event.kind === "replica-asks");
  const acts = events.some((event) => event.node === id && BY_PRIMARIES.includes(event.kind));
  const replicaAt = Math.min(asReplica?.at ?? Infinity, asked?.at ?? Infinity);
  if ((held?.at ?? Infinity) < replicaAt || (acts && replicaAt === Infinity)) return { role: "primary" };
  if (replicaAt < Infinity) {
    const primary = asked && asked.at <= replicaAt ? asked.node : follows;
    return { role: "replica", ...(primary !== undefined && { follows: primary }) };
  }
  return { ...(role !== undefined && { role }), ...(follows !== undefined && { follows }) };
}

function isHeldPrimary({ kind, subject, data }: IncidentEvent, id: NodeId): boolean {
  return (
    subject === id &&
    (data.subjectKind === "primary" || kind === "connecting-to-primary" || kind === "became-replica")
  );
}
