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
   * - `cannot-failover`: why it does not, in `detail`
   * - `restarted`: its process began anew
   */
  readonly event:
    | "election-delayed"
    | "election-started"
    | "vote-granted"
    | "promoted"
    | "cannot-failover"
    | "restarted";
  readonly delayMs?: number;
  /** Of `delayMs`, what is fixed: by the protocol, and by how many replicas have more of the data. */
  readonly fixedMs?: number;
  readonly detail?: string;
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
