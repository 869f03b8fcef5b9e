/** The data of an observation `log-event`: a line of a node's own log, read at the end of the run. */
export interface LogEventData {
  readonly node: string;
  /** ns on the run's clock, from the wall clock that the node's log carries. */
  readonly at: number;
  /** How far `at` may be off, in ms. */
  readonly errorMs: number;
  /**
   * - `election-delayed`: (cluster) a replica will ask for votes after `delayMs`
   * - `election-started`: it asks now; `vote-granted`: this primary gave it its vote; `promoted`: the node is a primary
   * - `election-moved`: it will ask `delayMs` later than it said before; `election-at-once`: it asks at once, since it
   *   ranks best
   * - `vote-denied`: this primary did not vote for `subject`; why, in `detail`; `votes-counted`: how many came, of how
   *   many
   * - `cannot-failover`: why it does not, in `detail`
   * - `suspects`: it holds `subject` to be possibly failing; `failed`: to have failed, as a majority of the primaries
   *   does;
   *   `failed-cleared`: no longer
   * - `cluster-state`: `cluster_state` became `detail`; `cluster-down`: why it is `fail`
   * - `loaded`: it has read its data from its own disk
   * - `failover-delayed`: (Sentinel) it will try no failover before a time
   * - `restarted`: its process began anew
   */
  readonly event:
    | "election-delayed"
    | "election-started"
    | "vote-granted"
    | "promoted"
    | "election-moved"
    | "election-at-once"
    | "vote-denied"
    | "votes-counted"
    | "cannot-failover"
    | "suspects"
    | "failed"
    | "failed-cleared"
    | "cluster-state"
    | "cluster-down"
    | "loaded"
    | "failover-delayed"
    | "restarted";
  /** The node of which it is said, by name. */
  readonly subject?: string;
  readonly delayMs?: number;
  /**
   * Of the delay of an election: how many replicas have more of the data, and the place of this shard among those that
   * failed.
   */
  readonly rank?: number;
  readonly primaryRank?: number;
  /** Of `delayMs`, what is fixed; only in histories that do not tell the ranks. */
  readonly fixedMs?: number;
  readonly detail?: string;
}

/**
 * The data of an observation `node-setting`: what a node says decides whether it may be promoted. Told at first, and
 * when it changes.
 */
export interface NodeSettingData {
  /** ns on the run's clock. */
  readonly at: number;
  readonly node: string;
  /** - `replica-priority`, by its INFO; `cluster-replica-no-failover`, by its flags in CLUSTER NODES. */
  readonly setting: "replica-priority" | "cluster-replica-no-failover";
  readonly value: string;
}

/**
 * The data of an observation `process-began`: a node was found to be another process than at the look before, by its
 * `run_id`.
 */
export interface ProcessBeganData {
  /** When it was seen, ns on the run's clock. */
  readonly at: number;
  readonly node: string;
}

/**
 * The data of an observation `commands-missing`: commands that Sentinel sends to promote a node, and that this node
 * does not know.
 */
export interface CommandsMissingData {
  readonly node: string;
  readonly commands: readonly string[];
}

/**
 * The data of an observation `refusals`: how many errors a node has answered with, by code (`INFO errorstats`), when a
 * promotion failed.
 */
export interface RefusalsData {
  /** ns on the run's clock. */
  readonly at: number;
  readonly node: string;
  readonly errors: Readonly<Record<string, number>>;
}

/**
 * The data of an observation `sentinel-quorum`: what a Sentinel answers to CKQUORUM. Told at first, and when it
 * changes.
 */
export interface SentinelQuorumData {
  /** ns on the run's clock. */
  readonly at: number;
  readonly sentinel: string;
  readonly reachable: boolean;
  /** Its words; absent where it does not answer. */
  readonly said?: string;
}

/**
 * How the tool stood still: `not-run`: it got no processor (it was stopped, or the machine was busy); `busy`: it was at
 * work itself; `suspended`: the machine slept; `late-sends`: nothing was sent that was due.
 */
export type StallKind = "not-run" | "busy" | "suspended" | "late-sends";

/** The data of an observation `stall`: a time in which the process that sends, looks and records did nothing. */
export interface StallData {
  /** ns on the run's clock. */
  readonly from: number;
  readonly to: number;
  readonly kind: StallKind;
  /** `suspended`: how long, ms. The run's clock does not count that. */
  readonly lostMs?: number;
}

/** The data of an observation `client-event`: what a client library tells of its connections. */
export interface ClientEventData {
  /** ns on the run's clock. */
  readonly at: number;
  /** `main`: sends reads, and writes without WAIT; `writer`: sends the writes that use WAIT. */
  readonly client: "main" | "writer";
  /** The connections that its calls to primaries use, or those to replicas. */
  readonly role: "primary" | "replica";
  /**
   * - `lost`: a connection ended; `reconnecting`: it will be tried again
   * - `ready`: a connection can be used
   * - `rerouted`: (cluster) slots are now sent to another node
   */
  readonly event: "lost" | "reconnecting" | "ready" | "rerouted";
  /** Where to; absent if that is not known. */
  readonly node?: string;
}

/** The data of an observation `fault-skipped`: a fault that was to be injected, and could not be at that time. */
export interface FaultSkippedData {
  readonly fault: string;
  /** The selectors, as the scenario has them. */
  readonly target: string;
  readonly why: string;
  /** It had begun, could not go on, and was healed. */
  readonly begun: boolean;
  /** The scenario says that it may be left out. */
  readonly optional: boolean;
}

/** What became of it, in words. */
export const skippedAs = ({ begun }: Pick<FaultSkippedData, "begun">): string =>
  begun ? "given up" : "left out";

/** The data of an observation `throughput`: how many writes went through, with as many under way as that. */
export interface ThroughputData {
  readonly connections: number;
  readonly pipeline: number;
  /** Writes acknowledged each second. */
  readonly perSecond: number;
  /** Of those writes; null: none went through. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly errors: number;
  /** Class of the last error; null: there was none. */
  readonly lastError: string | null;
}

/** The data of an observation `workload`: one began or ended, whether it sent anything or not. */
export interface WorkloadData {
  readonly workload: string;
  readonly phase: "start" | "end";
  /** ns on the run's clock. */
  readonly at: number;
}
