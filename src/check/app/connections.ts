import type { Observed } from "../../model/observed.ts";
import type { Facts } from "../facts.ts";
import type { Span } from "../span.ts";
import { holdersAt, supersededAt } from "./servers-well.ts";

type Connection = NonNullable<Observed["app-connections"]["connections"]>[number];

/** Where the application's connections to one node were, when it was looked at. */
export interface NodeLook {
  readonly node: string;
  /** ns on the run's clock. */
  readonly at: number;
  readonly role?: string;
  /** `null`: it did not answer. */
  readonly connections: readonly Connection[] | null;
  /** When another had been promoted in its place; absent: it held none, or holds it. */
  readonly supersededAt?: number;
  /** It held a place of a primary then. */
  readonly isHolder: boolean;
}

/** The last look at each node in that time, in the order of the plan. */
export function lastLooks(facts: Facts, { from, to }: Span, instances?: readonly string[]): NodeLook[] {
  const last = new Map<string, Observed["app-connections"]>();
  for (const look of facts.observations("app-connections"))
    if (look.at >= from && look.at <= to) last.set(look.node, look);
  const isAsked = ({ instance }: Connection) =>
    instance === undefined || instances === undefined || instances.includes(instance);
  return facts.header.topology.nodes.flatMap(({ name }) => {
    const look = last.get(name);
    if (!look) return [];
    const { node, at, role, connections } = look;
    const superseded = supersededAt(facts, node, at);
    return [
      {
        ...{ node, at, isHolder: holdersAt(facts, at).includes(node) },
        connections: connections?.filter(isAsked) ?? null,
        ...(role !== undefined && { role }),
        ...(superseded !== undefined && { supersededAt: superseded }),
      },
    ];
  });
}

/** What it counts up to. */
export interface Tally {
  readonly count: number;
  readonly libraries: readonly string[];
  /** The most frequent first. */
  readonly commands: readonly string[];
  readonly blocked: number;
  readonly longestIdleS: number | null;
}

export function tallyOfConnections(connections: readonly Connection[]): Tally {
  const commands = new Map<string, number>();
  for (const { command } of connections) commands.set(command, (commands.get(command) ?? 0) + 1);
  return {
    count: connections.length,
    libraries: [...new Set(connections.flatMap(({ library }) => library ?? []))].sort(),
    commands: [...commands].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([command]) => command),
    blocked: connections.filter(({ blocked }) => blocked).length,
    longestIdleS: connections.length === 0 ? null : Math.max(...connections.map(({ idleS }) => idleS)),
  };
}

/** Every client library that the servers were told of. */
export function librariesSeen(facts: Facts): string[] {
  const all = facts.observations("app-connections").flatMap(({ connections }) => connections ?? []);
  return [...new Set(all.flatMap(({ library }) => library ?? []))].sort();
}
