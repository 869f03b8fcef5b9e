import type { NodeRole, TopologyKind } from "./plan.ts";

/** One node of an environment, as it is now. What it did not answer is missing. */
export interface NodeStatus {
  readonly name: string;
  readonly endpoint: string;
  /** `running` here means that the process is there, `reachable` that it answers. */
  readonly process: "running" | "stopped" | "paused";
  readonly pid?: number;
  readonly reachable: boolean;
  readonly role?: NodeRole;
  /** Replication offset in bytes. */
  readonly offset?: number;
  /** Bytes that a replica is behind its primary. */
  readonly lag?: number;
  readonly follows?: string;
  readonly link?: "up" | "down";
  /** Cluster: slots that it serves, as text. */
  readonly slots?: string;
  readonly keys?: number;
  /**
   * Whom a Sentinel holds to be primary and how many others it knows; or `cluster_state` at a node and whom it doubts.
   */
  readonly view?: string;
}

/** An environment that is running, node by node. */
export interface EnvironmentStatus {
  readonly id: string;
  readonly kind: TopologyKind;
  readonly valkey: string;
  readonly createdAt: string;
  readonly dir: string;
  /** Started by `up`, as opposed to a drill that is running. */
  readonly detached: boolean;
  readonly nodes: readonly NodeStatus[];
  /** Faults injected by hand that are in force. */
  readonly faults: readonly { readonly fault: string; readonly targets: readonly string[] }[];
}
