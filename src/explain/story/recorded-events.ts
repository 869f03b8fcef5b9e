import type { HistoryEvent, TopologyEvent } from "../../model/event.ts";
import type { LogEventData, NodeSettingData, SentinelQuorumData } from "../../model/observed.ts";
import { type IncidentEvent, type NodeId, SENTINEL_EVENTS } from "../model.ts";
import type { Roles } from "./roles.ts";
import { settingsOfNodes } from "./settings.ts";
import type { System } from "./systems.ts";

/** What people call a node, by its id. */
export type NameOf = (id: NodeId | undefined) => string | undefined;

/** The address that a node has in the recording. */
export function endpointOf(name: string, address: string | undefined): { host: string; port: number } {
  const colon = address?.lastIndexOf(":") ?? -1;
  const port = Number(address?.slice(colon + 1));
  return address !== undefined && colon > 0 && Number.isInteger(port)
    ? { host: address.slice(0, colon), port }
    : { host: name, port: 0 };
}

function observation<Data>(name: string, at: number, data: Data): HistoryEvent {
  return { type: "observation", at, name, data };
}

export interface Told {
  readonly at: number;
  readonly event: IncidentEvent;
  readonly system: System;
  readonly nameOf: NameOf;
}

/** Log events of a drill that mean the same by the same name. */
const LOG_EVENTS: readonly LogEventData["event"][] = [
  "election-delayed",
  "election-started",
  "vote-granted",
  "promoted",
  "election-moved",
  "election-at-once",
  "vote-denied",
  "votes-counted",
  "cannot-failover",
  "suspects",
  "failed",
  "failed-cleared",
  "cluster-state",
  "cluster-down",
  "loaded",
  "failover-delayed",
  "restarted",
];
/** The detail of these is computed with, so it must be the line itself. */
const WHOLE_LINE: readonly string[] = [
  "election-delayed",
  "votes-counted",
  "failover-delayed",
  "election-at-once",
];
const FLAGS: Readonly<Record<string, string>> = { suspects: "pfail", failed: "fail", "failed-cleared": "ok" };
const LINKS: Readonly<Record<string, string>> = {
  "primary-link-lost": "down",
  "sync-failed": "down",
  "became-replica": "down",
  "partial-sync-done": "up",
  "full-sync-done": "up",
};
const REACHABLE: Readonly<Record<string, string>> = { shutdown: "no", crashed: "no", restarted: "yes" };

/** What a drill would have recorded of what this line tells. */
export function eventsFrom({ at, event, system, nameOf }: Told): HistoryEvent[] {
  const source = nameOf(event.node) ?? event.node;
  const subject = nameOf(event.subject);
  const errorMs = event.errorMs ?? undefined;
  const { kind, data, line } = event;
  const topology = (what: Partial<TopologyEvent> & Pick<TopologyEvent, "event">): TopologyEvent => ({
    type: "topology",
    at,
    source,
    ...what,
    ...(errorMs !== undefined && { errorMs }),
  });
  if ((SENTINEL_EVENTS as readonly string[]).includes(kind))
    return [topology({ event: "sentinel", detail: sentinelWords(event, system, nameOf) })];
  const found: HistoryEvent[] = [];
  // A drill takes the line that tells of the votes for the promotion, as it is the first of the two.
  const same = kind === "election-won" ? "promoted" : kind;
  if ((LOG_EVENTS as readonly string[]).includes(same)) {
    const detail = WHOLE_LINE.includes(kind) ? line.text : data.detail;
    const { delayMs, rank, primaryRank } = data;
    found.push(
      observation<LogEventData>("log-event", at, {
        node: source,
        at,
        errorMs: errorMs ?? 0,
        event: same as LogEventData["event"],
        ...(subject !== undefined && { subject }),
        ...(delayMs !== undefined && { delayMs }),
        ...(rank !== undefined && { rank }),
        ...(primaryRank !== undefined && { primaryRank }),
        ...(detail !== undefined && { detail }),
      }),
    );
  }
  const flag = FLAGS[kind];
  if (flag !== undefined && subject !== undefined) found.push(topology({ event: "flag", subject, to: flag }));
  const link = LINKS[kind];
  if (link !== undefined) found.push(topology({ event: "link", subject: source, to: link }));
  const reachable = REACHABLE[kind];
  if (
    reachable !== undefined &&
    system.nodes.some(({ id, kind: what }) => id === event.node && what !== "sentinel")
  )
    found.push(topology({ event: "reachable", subject: source, to: reachable }));
  if (kind === "cluster-state" && (data.detail === "ok" || data.detail === "fail"))
    found.push(topology({ event: "state", to: data.detail }));
  return found;
}

/**
 * Sentinel's own words, each node by the one address that it has in the recording: it may have been named by another.
 */
function sentinelWords({ kind, line, subject, data }: IncidentEvent, system: System, nameOf: NameOf) {
  const words = line.text.slice(line.text.indexOf(kind)).split(" ");
  const addressed = (from: number, id: NodeId | undefined) => {
    const node = system.nodes.find((one) => one.id === id);
    if (!node || words.length < from + 2) return;
    const { host, port } = endpointOf(nameOf(node.id) ?? node.id, node.addresses[0]);
    words.splice(from, 2, host, String(port));
  };
  if (kind === "+switch-master") {
    addressed(2, subject);
    addressed(4, data.to);
  } else if (data.subjectKind === "primary" || data.subjectKind === "replica") addressed(3, subject);
  return words.join(" ");
}

/** Changes of roles, and whom a replica follows. */
export function roleEvents(
  roles: Roles,
  atOf: (event: IncidentEvent) => number,
  nameOf: NameOf,
): TopologyEvent[] {
  const current = new Map<NodeId, { role?: string; follows?: string }>(
    [...roles.first].map(([id, { role, follows }]) => [id, { role, follows: nameOf(follows) }]),
  );
  return roles.changes.flatMap(({ node, role, follows, event }): TopologyEvent[] => {
    const subject = nameOf(node) ?? node;
    const before = current.get(node) ?? {};
    const after = { role, follows: nameOf(follows) ?? before.follows };
    current.set(node, after);
    const base = { type: "topology", at: atOf(event), source: subject, subject } as const;
    const error = event.errorMs === null ? {} : { errorMs: event.errorMs };
    return [
      ...(before.role === role ? [] : [{ ...base, event: "role" as const, to: role, ...error }]),
      ...(role === "replica" && after.follows !== undefined && after.follows !== before.follows
        ? [{ ...base, event: "follows" as const, to: after.follows, ...error }]
        : []),
    ];
  });
}

/** A Sentinel that another holds to be down does not answer; all others do, as far as anybody knows. */
export function quorumEvents(
  { events, nodes }: System,
  nanos: (ms: number) => number,
  nameOf: NameOf,
): HistoryEvent[] {
  const down = events.filter(
    ({ kind, data, subject }) =>
      (kind === "+sdown" || kind === "-sdown") && data.subjectKind === "sentinel" && subject !== undefined,
  );
  const asked = (sentinel: string, at: number, reachable: boolean) =>
    observation<SentinelQuorumData>("sentinel-quorum", at, { at, sentinel, reachable });
  return nodes
    .filter(({ kind }) => kind === "sentinel")
    .flatMap(({ id }) => {
      const name = nameOf(id) ?? id;
      const own = down.filter(({ subject }) => subject === id);
      if (own.length === 0) return [];
      return [asked(name, 0, true), ...own.map(({ at, kind }) => asked(name, nanos(at), kind === "-sdown"))];
    });
}

/** What a node was told for itself, as it tells a drill at its begin. */
export function settingEvents(system: System, nameOf: NameOf): HistoryEvent[] {
  return settingsOfNodes(system).map(({ node, setting, value }) =>
    observation<NodeSettingData>("node-setting", 0, {
      at: 0,
      node: nameOf(node) ?? node,
      setting: setting as NodeSettingData["setting"],
      value,
    }),
  );
}
