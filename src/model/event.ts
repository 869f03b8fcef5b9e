import type { AppExpectations, AppHeader, ProbeExpectations } from "./app.ts";
import type { Outcome } from "./outcome.ts";
import type { Endpoint, NodeRole, ShardPlan, TopologyKind } from "./plan.ts";

/** Version of the lines in `history.jsonl`. Raised when a reader of the old form could misread the new one. */
export const HISTORY_SCHEMA_VERSION = 2;

/** The versions that can be read. In schema 1 the last line has no counts and no digest: it cannot be verified. */
export const READ_SCHEMA_VERSIONS: readonly number[] = [1, HISTORY_SCHEMA_VERSION];

/**
 * One line of `history.jsonl`. `at` is in nanoseconds since the run began, on this process's monotonic
 * clock; lines stand in the order in which they were recorded, so `at` never falls.
 */
export type HistoryEvent =
  | HeaderEvent
  | InvokeEvent
  | CompletionEvent
  | FaultEvent
  | TopologyEvent
  | ReplicatedEvent
  | StepEvent
  | ObservationEvent
  | EndEvent;

/** First line: what ran, on what. Everything a checker must know that is not an event. */
export interface HeaderEvent {
  readonly type: "header";
  readonly at: number;
  readonly schemaVersion: number;
  readonly runId: string;
  readonly scenario: string;
  readonly seed: number;
  /** Wall clock, ISO 8601, at which `at` was 0. */
  readonly startedAt: string;
  readonly topology: {
    readonly kind: TopologyKind;
    readonly driver: string;
    readonly valkey: string;
    readonly nodes: readonly HeaderNode[];
    readonly shards: readonly ShardPlan[];
    readonly quorum?: number;
    /** How often each data node is looked at, ms; absent in histories that did not tell. */
    readonly lookEveryMs?: number;
    /** Failover settings in force, by their name in the server's configuration, e.g. `cluster-node-timeout`. */
    readonly settings: Readonly<Record<string, string>>;
  };
  readonly client: {
    readonly name: string;
    readonly version: string;
    /** What decides how soon it finds a new primary: the library's option, and its value here. */
    readonly recovery?: { readonly setting: string; readonly value: string };
  };
  /** The application under the drill, where there is one. */
  readonly app?: AppHeader;
  /** Replicas that WAIT must confirm before a write counts as acknowledged. 0: the primary's answer is enough. */
  readonly waitReplicas: number;
  /** The scenario's `expect`, as the checkers read it. */
  readonly expect: Expectations;
  /** What plugins had added; absent where there were none. */
  readonly plugins?: PluginsData;
  readonly replay: string;
}

/** Plugins of a run: their files, and names of the checkers that they added, which nobody else can judge by. */
export interface PluginsData {
  readonly paths: readonly string[];
  readonly checkers: readonly string[];
}

export interface HeaderNode {
  readonly name: string;
  readonly role: NodeRole;
  readonly endpoint: Endpoint;
  readonly shard?: number;
}

/** What a scenario expects; a limit that is absent is not checked. Times in milliseconds. */
export interface Expectations {
  /** A replica must have been promoted after each kill of a primary. */
  readonly promoted?: boolean;
  /** Longest outage of writes, of reads, and (cluster) of the shards that were not hit. */
  readonly outage?: { readonly writeMs?: number; readonly readMs?: number; readonly otherShardsMs?: number };
  /**
   * `replicated`: no acknowledged write may be lost that was seen replicated before the fault (the honest
   * default for asynchronous replication). A number: at most so many acknowledged writes may be lost at all.
   * `expected`: writes that were seen replicated must be lost, as the drill is to show.
   */
  readonly lostAcknowledgedWrites?: "replicated" | "expected" | number;
  /** How stale reads from replicas may be: in missed acknowledged versions, in ms, and what a session may rely on. */
  readonly staleness?: {
    readonly maxVersions?: number;
    readonly p99Ms?: number;
    readonly maxMs?: number;
    /** No session may read an older version than it has read before. */
    readonly monotonicReads?: boolean;
    /** No session may read an older version than it has written itself. */
    readonly readYourWrites?: boolean;
  };
  /**
   * Most writes that a primary may acknowledge to the drill's clients after another was promoted in its place, and for
   * how long it may. `expected`: at least one must be seen, or the drill did not show what it is there for. Default: no
   * write.
   */
  readonly splitBrain?: "expected" | { readonly ms?: number; readonly writes?: number };
  /** Of the subscribers of `pubsub`, all together. */
  readonly messages?: {
    /** Most acknowledged messages that subscribers may miss: one that two of them miss counts twice. */
    readonly missed?: number;
    /** Most messages that a subscriber may hear more than once. */
    readonly heardTwice?: number;
    /** Longest time for which a subscriber may hear nothing. */
    readonly silentMs?: number;
  };
  /** Of the jobs of `queue`. */
  readonly jobs?: {
    /** Most acknowledged jobs that may be gone without having been done, for whatever cause. */
    readonly lost?: number;
    /** Most jobs that may be done more than once. */
    readonly runTwice?: number;
  };
  /** Of the application under the drill. */
  readonly app?: AppExpectations;
  /** Of its probes, by their names. */
  readonly probes?: Readonly<Record<string, ProbeExpectations>>;
}

/** An operation was sent (or tried). `op` is unique in the run; `client` tells sequential sessions apart. */
export interface InvokeEvent {
  readonly type: "invoke";
  readonly at: number;
  readonly op: number;
  readonly client: string;
  readonly workload: string;
  /** What was done: `write`, `read`, or a command's name in lower case for others. */
  readonly f: string;
  readonly key: string;
  /** Value written, or value expected where the workload knows it. */
  readonly value?: string;
  /** Others write this key as well: what stands under it at the end says nothing of this one write. */
  readonly shared?: true;
  /** When it was due (ns), where a fixed rate says so: what it waited before it was sent is part of its latency. */
  readonly due?: number;
}

/** How operation `op` ended. Every invoke has at most one; an invoke without one is `info`. */
export interface CompletionEvent {
  readonly type: Outcome;
  readonly at: number;
  readonly op: number;
  /** Value read (`null`: no such key). */
  readonly value?: string | null;
  readonly error?: { readonly class: string; readonly message: string };
  /** Name of the node whose reply ended it; absent where none replied, or the client cannot tell. */
  readonly node?: string;
  /** Attempts made by a retrying client; absent means one. */
  readonly attempts?: number;
}

/**
 * A change of roles that a fault means to bring about: a primary gives up its place, a replica takes one, or a replica
 * leaves its primary and takes nobody's place.
 */
export interface RoleChange {
  /** The primary that gives up its place; absent: nobody holds it, or nobody gives it up. */
  readonly from?: string;
  /** The replica that is asked to take the place; absent: whoever Sentinel or an election chooses, or nobody. */
  readonly to?: string;
  /** The replica that stops following its primary and calls itself one, in nobody's place. */
  readonly detached?: string;
  /** From `injected` on, where the fault saw it: who took the place, by its own word. */
  readonly by?: string;
}

/** A fault begins (`inject`), is in force (`injected`), is being undone (`heal`), is undone (`healed`). */
export interface FaultEvent {
  readonly type: "fault";
  readonly at: number;
  readonly phase: "inject" | "injected" | "heal" | "healed";
  readonly fault: string;
  /** Names of nodes, or of links: `A>B`. */
  readonly targets: readonly string[];
  /** Cluster: the shards whose primary is among the targets at that time. */
  readonly shards?: readonly number[];
  /** The primaries at that time that it hits, or that are to give up their place for it. */
  readonly primaries?: readonly string[];
  /** The changes of roles that it means to bring about; empty: none. Absent in histories that did not tell. */
  readonly roles?: readonly RoleChange[];
  /**
   * Keys may be gone from the primaries that it hits by the fault alone, though nobody is promoted: those acknowledged
   * until it was injected (`at-once`), or until it is healed (`in-force`). Absent: not by this fault.
   */
  readonly losesData?: "at-once" | "in-force";
  /** What it is called on a timeline: `primary killed`. */
  readonly label?: string;
  /** Its options, as its own schema read them. */
  readonly options?: unknown;
  /** Number of this fault in the run, from 1: joins inject, injected, heal and healed. */
  readonly id: number;
}

/** A change seen on the servers. `source` is the node that said it. */
export interface TopologyEvent {
  readonly type: "topology";
  readonly at: number;
  readonly source: string;
  /**
   * - `sentinel`: a Sentinel's own event, `detail` = `+odown master drill 127.0.0.1 20000 …`
   * - `role`: `subject` became `primary` or `replica` (`to`)
   * - `follows`: the replica `subject` follows the node `to`, whether its link is up or not
   * - `link`: the replication link of `subject` became `up` or `down` (`to`)
   * - `reachable`: `subject` does (`yes`) or does not (`no`) answer us
   * - `flag`: (cluster) `source` holds `subject` to be `ok`, `pfail` or `fail`
   * - `state`: (cluster) `cluster_state` at `source` became `ok` or `fail`
   * - `slots`: (cluster) number of slots that `source` sees served by a node that it does not hold failed
   */
  readonly event: "sentinel" | "role" | "follows" | "link" | "reachable" | "flag" | "state" | "slots";
  readonly subject?: string;
  readonly to?: string;
  readonly detail?: string;
  /** Cluster, with `role`: how many slots `subject` serves by its own account. */
  readonly ownSlots?: number;
  /** Seen by a look: when the look before was asked for (ns), which did not show it yet. */
  readonly after?: number;
  /** Taken from a log whose clock is not this one: how far `at` may be off either way, ms. */
  readonly errorMs?: number;
}

/**
 * A replication watermark: everything that `primary` had acknowledged by `ackedBy` (ns, on the run's clock)
 * was seen applied by each of `replicas`, by their own replication offsets.
 */
export interface ReplicatedEvent {
  readonly type: "replicated";
  readonly at: number;
  readonly primary: string;
  readonly replicas: readonly string[];
  readonly ackedBy: number;
  readonly offset: number;
}

/** A step of the scenario. `timeout`: its condition did not come true in time; `detail` tells what was seen last. */
export interface StepEvent {
  readonly type: "step";
  readonly at: number;
  readonly index: number;
  readonly name: string;
  readonly status: "begin" | "done" | "timeout" | "error";
  readonly detail?: string;
  /**
   * How long the tool itself stood still in this step: its time was not counted. Absent: not at all, or it was not
   * measured.
   */
  readonly stoodStillMs?: number;
}

/**
 * Something measured on the servers or the client. Its name says what its data is: `model/observed.ts` knows those of
 * this tool; those of plugins are known to the plugins.
 */
export interface ObservationEvent {
  readonly type: "observation";
  readonly at: number;
  readonly name: string;
  readonly data: unknown;
}

/** Last line of a run that was recorded to its end. The recorder adds what is said of all lines before it. */
export interface EndEvent {
  readonly type: "end";
  readonly at: number;
  readonly reason: "completed" | "interrupted" | "error";
  readonly detail?: string;
  /** Number of lines before this one. Absent in schema 1, as the other two. */
  readonly events?: number;
  /** The same for each type of event. */
  readonly counts?: Readonly<Record<string, number>>;
  /**
   * `sha256:` and 64 hexadecimal digits: of all bytes of the file before this field. It is the last one of the line.
   */
  readonly digest?: string;
}
