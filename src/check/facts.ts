import { type Operation, operationsOf } from "../history/operations.ts";
import type { History } from "../history/reader.ts";
import type { HeaderEvent, ReplicatedEvent, StepEvent, TopologyEvent } from "../model/event.ts";
import type { SlotRange } from "../model/plan.ts";

/** One fault from injection to healing. Times in ns on the run's clock. */
export interface FaultWindow {
  readonly id: number;
  readonly fault: string;
  readonly targets: readonly string[];
  /** The targets that were primaries when it came. */
  readonly primaries: readonly string[];
  /** Cluster: their shards. */
  readonly shards: readonly number[];
  readonly injectAt: number;
  readonly healAt?: number;
  readonly healedAt?: number;
}

/** What the final inspection found at one data node. */
export interface FinalNode {
  readonly node: string;
  readonly reachable: boolean;
  readonly role?: "primary" | "replica";
  readonly follows?: string;
  readonly linkUp: boolean;
  readonly state?: string;
  readonly slots: readonly SlotRange[];
  readonly shard?: number;
  readonly keys?: number;
  readonly digest?: string;
  readonly error?: string;
}

/** A history, sorted into what the checkers ask for. */
export interface Facts {
  readonly header: HeaderEvent;
  readonly complete: boolean;
  readonly endReason?: string;
  readonly operations: readonly Operation[];
  readonly faults: readonly FaultWindow[];
  readonly topology: readonly TopologyEvent[];
  readonly watermarks: readonly ReplicatedEvent[];
  readonly steps: readonly StepEvent[];
  readonly finalNodes: readonly FinalNode[];
  /** Value of each key at the end (`null`: no such key). A key that could not be read is missing. */
  readonly finalValues: ReadonlyMap<string, string | null>;
  /** Elements of each list at the end; a key that is not there is an empty list. */
  readonly finalLists: ReadonlyMap<string, readonly string[]>;
  /** Keys that could not be read at the end. */
  readonly unread: readonly string[];
  /** The data of every observation of that name, in order. */
  observations(name: string): readonly unknown[];
  /** What `set` steps changed, in order. */
  readonly settingChanges: readonly {
    readonly at: number;
    readonly settings: Readonly<Record<string, string>>;
  }[];
  /** Time of the last event, ns. */
  readonly endedAt: number;
}

export function factsOf(history: History): Facts {
  const observations = new Map<string, unknown[]>();
  const faults = new Map<number, FaultWindow>();
  const topology: TopologyEvent[] = [];
  const watermarks: ReplicatedEvent[] = [];
  const steps: StepEvent[] = [];
  const settingChanges: { at: number; settings: Record<string, string> }[] = [];
  let endReason: string | undefined;
  for (const event of history.events) {
    if (event.type === "topology") topology.push(event);
    else if (event.type === "replicated") watermarks.push(event);
    else if (event.type === "step") steps.push(event);
    else if (event.type === "end") endReason = event.detail ?? event.reason;
    else if (event.type === "observation") {
      const same = observations.get(event.name);
      if (same) same.push(event.data);
      else observations.set(event.name, [event.data]);
      if (event.name === "settings")
        settingChanges.push({ at: event.at, settings: event.data as Record<string, string> });
    } else if (event.type === "fault") {
      const { id, fault, targets, primaries = [], shards = [], at, phase } = event;
      const begun = faults.get(id) ?? { id, fault, targets, primaries, shards, injectAt: at };
      const more = phase === "heal" ? { healAt: at } : phase === "healed" ? { healedAt: at } : {};
      faults.set(id, { ...begun, ...more });
    }
  }
  const values = (observations.get("final-values") ?? []) as {
    values?: [string, string | null | readonly string[]][];
    unread?: string[];
  }[];
  const found = values.flatMap((chunk) => chunk.values ?? []);
  return {
    header: history.header,
    complete: history.complete,
    endReason,
    operations: operationsOf(history),
    faults: [...faults.values()],
    topology,
    watermarks,
    steps,
    finalNodes: (observations.get("final-node") ?? []) as FinalNode[],
    finalValues: new Map(found.filter((entry): entry is [string, string | null] => !Array.isArray(entry[1]))),
    finalLists: new Map(
      found.filter((entry): entry is [string, readonly string[]] => Array.isArray(entry[1])),
    ),
    unread: values.flatMap((chunk) => chunk.unread ?? []),
    settingChanges,
    observations: (name) => observations.get(name) ?? [],
    endedAt: history.events.at(-1)?.at ?? 0,
  };
}

/** The planned shard of a node, `undefined` in HA. */
export function shardOfNode(facts: Facts, name: string): number | undefined {
  return facts.header.topology.nodes.find((node) => node.name === name)?.shard;
}

/** Names of the data nodes. */
export function dataNodes(facts: Facts): string[] {
  return facts.header.topology.nodes.filter((node) => node.role !== "sentinel").map((node) => node.name);
}

/** Nanoseconds as milliseconds, to a tenth. */
export function toMs(ns: number): number {
  return Math.round(ns / 1e5) / 10;
}
