import type { PlanSecurity } from "./access.ts";

/** The two topologies: primary with replicas and Sentinels, or Cluster. */
export type TopologyKind = "ha" | "cluster";

/** What a node is planned to be. What it *is* after a failover is observed, not planned. */
export type NodeRole = "primary" | "replica" | "sentinel";

/** An address and port, as nodes tell them each other. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where we and clients reach a node. `busPort` only in a cluster. Ports 1 to 65535. */
export interface Endpoint extends Address {
  readonly busPort?: number;
  /**
   * Where the other nodes reach it, if that is elsewhere: a container's address in its own network. It is what the
   * nodes announce, so clients need a map (`natMapOf`), and what a node says of another is looked up by `nodeAt`.
   */
  readonly announced?: Address;
  /**
   * The name that it announces: in a cluster to clients, besides its address; in HA to all, in its place. Several nodes
   * may have one name, and then differ by their ports.
   */
  readonly hostname?: string;
  readonly fabric?: FabricEnd;
}

/**
 * Connections between nodes pass through a fabric, which listens at `announced` and can impair each link by itself (ADR
 * 0007). By the address that a call comes from the fabric knows who calls: on one machine the node listens at its own
 * `host` alone, and its own connections come from there; in a container it has an address of its own.
 */
export interface FabricEnd {
  /** Clients go through it too; otherwise they go to the node itself. */
  readonly clients: boolean;
  /**
   * A node of a cluster can tell clients another address than it tells nodes (`cluster-announce-client-ipv4`, Valkey
   * 8.0).
   */
  readonly tellsClients: boolean;
  /** The node's own address in the containers' network, where the fabric calls on; absent: it is no container. */
  readonly containerHost?: string;
  /**
   * Where clients reach the fabric, if they do not reach `announced`: that port of its container as it is published.
   */
  readonly published?: Address;
  /**
   * Another address of the node, at which the fabric listens for it once it was moved there
   * (`RunningTopology.changeAddress`).
   */
  readonly spare?: Address;
}

/** An inclusive range of hash slots, 0 to 16383. */
export type SlotRange = readonly [first: number, last: number];

/** One server process or container to be started. */
export interface NodePlan {
  /** Unique in its plan and safe as a file name: `primary`, `replica-1`, `sentinel-2`, `node-5`. */
  readonly name: string;
  readonly role: NodeRole;
  readonly program: "server" | "sentinel";
  readonly endpoint: Endpoint;
  /** Cluster node id or Sentinel `myid`: 40 hexadecimal digits. */
  readonly id?: string;
  /** Shard number from 1, cluster only. */
  readonly shard?: number;
  /** Its availability zone, where there are any. */
  readonly zone?: string;
  /**
   * Files to be written into the node's own folder before its first start; `node.conf` is the one it is started with.
   */
  readonly files: Readonly<Record<string, string>>;
  /** Its files hold secrets: nobody else may read them. */
  readonly secret?: boolean;
  /** Nodes of a wave are started together, once all nodes of earlier waves are up. From 0. */
  readonly wave: number;
}

/** A shard of a cluster as planned. */
export interface ShardPlan {
  readonly shard: number;
  readonly slots: readonly SlotRange[];
  readonly primary: string;
  readonly replicas: readonly string[];
}

/** A whole topology, ready for a driver. Pure data: it can be printed, saved and compared. */
export interface Plan {
  readonly kind: TopologyKind;
  readonly nodes: readonly NodePlan[];
  /** Cluster only; empty for HA. */
  readonly shards: readonly ShardPlan[];
  /** The name that Sentinel monitors the primary under; HA only. */
  readonly sentinelGroup?: string;
  /** How many Sentinels must agree that the primary is down; HA only. */
  readonly quorum?: number;
  /** The zone in which the clients are; absent: in none. */
  readonly clientZone?: string;
  /** How the nodes are reached, where they ask for TLS or a password. Secret. */
  readonly security?: PlanSecurity;
}
