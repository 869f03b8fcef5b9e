import { majority } from "../../base/majority.ts";
import type { LogEventData } from "../../model/observed.ts";
import { type Facts, type FaultWindow, shardOfNode } from "../facts.ts";
import { windowEnd } from "../losses.ts";
import { sentinelSubject } from "../sentinel-words.ts";
import type { Span } from "../span.ts";
import type { Said } from "./cause.ts";

/** A Sentinel's event about the lost primary, or about a replica of it. */
export interface SentinelEvent extends Said {
  /** `+odown`, `-failover-abort-no-good-slave`. */
  readonly name: string;
  /** The node that it is about, where it names one. */
  readonly about?: string;
}

/**
 * All that the Sentinels said of a lost primary, from the fault to the next one that disrupted the service, or to the
 * end.
 */
export interface SentinelReports {
  readonly window: Span;
  readonly events: readonly SentinelEvent[];
  /** Lines of the Sentinels' own logs. */
  readonly logs: readonly LogEventData[];
  first(name: string): SentinelEvent | undefined;
  last(name: string): SentinelEvent | undefined;
}

/** What the Sentinels said of that primary in the window of a fault. */
export function sentinelReports(facts: Facts, fault: FaultWindow, primary: string): SentinelReports {
  const window = { from: fault.injectAt, to: windowEnd(facts, fault) };
  const inside = (at: number) => at >= window.from && at <= window.to;
  const events = facts.topology.flatMap(({ event, source, detail = "", at }): SentinelEvent[] => {
    if (event !== "sentinel" || !inside(at)) return [];
    const [name = "", kind] = detail.split(" ");
    const about = sentinelSubject(facts, detail);
    if (kind === "master" && about !== undefined && about !== primary) return [];
    return [{ by: source, words: detail, at, name, about }];
  });
  const logs = facts
    .observations("log-event")
    .filter(({ node, at }) => inside(at) && isSentinel(facts, node));
  return {
    window,
    events,
    logs,
    first: (name) => events.find((event) => event.name === name),
    last: (name) => events.findLast((event) => event.name === name),
  };
}

/** Names of the Sentinels. */
export function sentinelsOf({ header }: Facts): string[] {
  return header.topology.nodes.filter(({ role }) => role === "sentinel").map(({ name }) => name);
}

/** A quorum detects; a majority of all known Sentinels must also vote for the one that fails over. */
export function neededOf(facts: Facts): number {
  return Math.max(facts.header.topology.quorum ?? 0, majority(sentinelsOf(facts).length));
}

/** The nodes that could have taken its place: in HA all other data nodes, in a cluster those of its shard. */
export function othersOf(facts: Facts, primary: string): string[] {
  const shard = shardOfNode(facts, primary);
  return facts.header.topology.nodes
    .filter((node) => node.role !== "sentinel" && node.name !== primary && node.shard === shard)
    .map(({ name }) => name);
}

function isSentinel(facts: Facts, name: string): boolean {
  return sentinelsOf(facts).includes(name);
}
