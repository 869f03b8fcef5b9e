import { type Facts, FactsFold, type FaultWindow } from "../../check/facts.ts";
import type { FaultEvent, HeaderEvent, HistoryEvent } from "../../model/event.ts";
import type { ShardPlan } from "../../model/plan.ts";
import type { IncidentEvent, NodeId } from "../model.ts";
import type { Beginning } from "./begin.ts";
import type { Incident } from "./incidents.ts";
import {
  endpointOf,
  eventsFrom,
  type NameOf,
  quorumEvents,
  roleEvents,
  settingEvents,
} from "./recorded-events.ts";
import type { Roles } from "./roles.ts";
import type { Settings } from "./settings.ts";
import { lastOf, type System } from "./systems.ts";

/**
 * What the logs tell of a system, in the form in which a drill records what it sees: so one code tells the phases and
 * causes of both.
 */
export interface Recording {
  readonly facts: Facts;
  /** ms since 1970 at which the recording's clock is 0. */
  readonly startMs: number;
  /** The loss of each incident, as the fault of a drill. */
  readonly faults: ReadonlyMap<Incident, FaultWindow>;
  nameOf(id: NodeId | undefined): string | undefined;
  /** The event that stands at that time of the recording. */
  eventAt(at: number): IncidentEvent | undefined;
}

/** Before the first line, so that no time is 0. */
const LEAD_MS = 1000;

/** Writes down what the logs tell as a drill writes down what it sees. */
export function recordingOf(
  system: System,
  roles: Roles,
  incidents: ReadonlyMap<Incident, Beginning>,
  settings: Settings,
): Recording {
  const begins = [...incidents.values()].map(({ at }) => at);
  const startMs = Math.floor(Math.min(system.events[0]?.at ?? 0, ...begins)) - LEAD_MS;
  const names = namesOf(system);
  const nameOf = (id: NodeId | undefined) => (id === undefined ? undefined : names.get(id));
  const nanos = (ms: number) => Math.round((ms - startMs) * 1e6);
  // Each event has a nanosecond of its own, by which its line is found again.
  const told = new Map<number, IncidentEvent>();
  for (const event of system.events) {
    let at = nanos(event.at);
    while (told.has(at)) at += 1;
    told.set(at, event);
  }
  const atOf = new Map([...told].map(([at, event]) => [event, at]));
  const history = [...told].flatMap(([at, event]) => eventsFrom({ at, event, system, nameOf }));
  const faults = [...incidents].map(([incident, beginning], index) =>
    faultOf(incident, beginning, index + 1, nanos, nameOf),
  );
  const events: HistoryEvent[] = [
    ...history,
    ...faults.flat(),
    ...roleEvents(roles, (event) => atOf.get(event) ?? nanos(event.at), nameOf),
    ...quorumEvents(system, nanos, nameOf),
    ...settingEvents(system, nameOf),
  ];
  events.sort((a, b) => a.at - b.at);
  // A log goes on after the last line that tells something: nobody was promoted until then.
  const lastMs = lastOf(system);
  events.push({ type: "end", at: Math.max(nanos(lastMs), events.at(-1)?.at ?? 0), reason: "completed" });
  const fold = new FactsFold();
  fold.take(headerOf(system, roles, settings, startMs, nameOf));
  for (const event of events) fold.take(event);
  const facts = fold.facts(
    { state: "unverifiable", digest: "", events: events.length, schemaVersion: 1, differs: [] },
    true,
  );
  const ids = [...incidents.keys()];
  return {
    facts,
    startMs,
    faults: new Map(facts.faults.map((fault) => [ids[fault.id - 1] as Incident, fault])),
    nameOf,
    eventAt: (at) => told.get(at),
  };
}

function headerOf(
  system: System,
  roles: Roles,
  settings: Settings,
  startMs: number,
  nameOf: NameOf,
): HeaderEvent {
  const shards = system.kind === "cluster" ? shardsOf(roles, nameOf) : [];
  const shardOf = (name: string) =>
    shards.find(({ primary, replicas }) => primary === name || replicas.includes(name))?.shard;
  const quorum = Number(settings.value("quorum") ?? Number.NaN);
  const versions = system.nodes.flatMap(({ version }) => version ?? []);
  return {
    type: "header",
    at: 0,
    schemaVersion: 2,
    runId: "logs",
    scenario: "logs",
    seed: 0,
    startedAt: new Date(startMs).toISOString(),
    topology: {
      kind: system.kind,
      driver: "logs",
      valkey: versions[0] ?? "not known",
      nodes: system.nodes.map((node) => {
        const name = nameOf(node.id) ?? node.id;
        const shard = shardOf(name);
        return {
          name,
          role: node.kind === "sentinel" ? "sentinel" : (roles.first.get(node.id)?.role ?? "replica"),
          endpoint: endpointOf(name, node.addresses[0]),
          ...(shard !== undefined && { shard }),
        };
      }),
      shards,
      ...(quorum > 0 && { quorum }),
      settings: Object.fromEntries(settings.all.map(({ name, value }) => [name, value])),
    },
    client: { name: "none", version: "none" },
    waitReplicas: 0,
    expect: {},
    replay: "",
  };
}

/**
 * A shard for each node that was a primary at first. Who serves which slots no log tells: each counts as one that
 * votes.
 */
function shardsOf(roles: Roles, nameOf: NameOf): ShardPlan[] {
  const primaries = [...roles.first].filter(([, { role }]) => role === "primary").map(([id]) => id);
  return primaries.map((id, index) => ({
    shard: index + 1,
    slots: [[index, index]],
    primary: nameOf(id) ?? id,
    replicas: [...roles.first]
      .filter(([, { role, follows }]) => role !== "primary" && rootOf(roles, follows) === id)
      .map(([node]) => nameOf(node) ?? node),
  }));
}

/** The primary at first that a node followed, by way of those that took its place. */
function rootOf(roles: Roles, follows: NodeId | undefined, steps = 8): NodeId | undefined {
  if (follows === undefined || steps === 0) return undefined;
  const first = roles.first.get(follows);
  return first?.role === "replica" ? rootOf(roles, first.follows, steps - 1) : follows;
}

/** Labels, one for each node: of two that are alike the second has its id behind it. */
function namesOf({ nodes }: System): ReadonlyMap<NodeId, string> {
  const taken = new Set<string>();
  return new Map(
    nodes.map(({ id, label }): [NodeId, string] => {
      const name = taken.has(label) ? `${label} (${id})` : label;
      taken.add(name);
      return [id, name];
    }),
  );
}

function faultOf(
  incident: Incident,
  { at, asked, backAt, code }: Beginning,
  id: number,
  nanos: (ms: number) => number,
  nameOf: NameOf,
): FaultEvent[] {
  const primary = nameOf(incident.primary);
  const targets = primary === undefined ? [] : [primary];
  const to = asked && nameOf(incident.promoted);
  const fault = {
    type: "fault" as const,
    id,
    fault: code,
    targets,
    primaries: targets,
    roles: [{ ...(primary !== undefined && { from: primary }), ...(to !== undefined && { to }) }],
  };
  // A failover may still belong to a loss that is over: the line that tells of the promotion does.
  const healMs =
    backAt === undefined ? undefined : Math.max(backAt, incident.promotedAt ?? 0, incident.lastAt);
  return [
    { ...fault, phase: "inject", at: nanos(at) },
    ...(healMs === undefined
      ? []
      : (["heal", "healed"] as const).map((phase) => ({ ...fault, phase, at: nanos(healMs) }))),
  ];
}
