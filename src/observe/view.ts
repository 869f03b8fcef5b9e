import type { Plan } from "../model/plan.ts";

/** What is known of one data node from its last look. */
export interface NodeView {
  readonly reachable: boolean;
  readonly role?: "primary" | "replica";
  /** Name of the node that a replica follows. */
  readonly follows?: string;
  readonly linkUp: boolean;
  /** Replication offset: written by a primary, applied by a replica. */
  readonly offset: number;
  /** Cluster: `cluster_state`. */
  readonly state?: string;
  /** Cluster: slots that it serves by its own account. */
  readonly slots: readonly (readonly [number, number])[];
  /** Cluster: names of nodes that it holds to be failed, failing or not connected. */
  readonly doubts: readonly string[];
  /** Replicas that are connected to it and online. */
  readonly onlineReplicas: number;
}

export const UNSEEN: NodeView = {
  reachable: false,
  linkUp: false,
  offset: -1,
  slots: [],
  doubts: [],
  onlineReplicas: 0,
};

/** Latest looks at all data nodes, by name. */
export type TopologyView = ReadonlyMap<string, NodeView>;

/** Names of reachable nodes with that role. A primary of a cluster counts only if it serves slots. */
export function nodesWithRole(view: TopologyView, role: "primary" | "replica", plan: Plan): string[] {
  return plan.nodes
    .map((node) => node.name)
    .filter((name) => {
      const node = view.get(name);
      if (!node?.reachable || node.role !== role) return false;
      return role === "replica" || plan.kind === "ha" || node.slots.length > 0;
    });
}

/** The shard that a node belongs to now: that of the slots it serves, or of the primary that it follows. */
export function shardOf(view: TopologyView, plan: Plan, name: string): number | undefined {
  const node = view.get(name);
  const serving = node?.role === "replica" && node.follows ? view.get(node.follows) : node;
  const first = serving?.slots[0]?.[0];
  const bySlot = plan.shards.find((shard) =>
    shard.slots.some(([from, to]) => first !== undefined && first >= from && first <= to),
  );
  return bySlot?.shard ?? plan.nodes.find((candidate) => candidate.name === name)?.shard;
}
