import type { Plan, SlotRange } from "../model/plan.ts";

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

/**
 * The shard that a node belongs to now: its planned one, or that of the primary which it follows after a migration of
 * replicas. A node that serves nothing of its planned shard belongs to that from which most of its slots come.
 */
export function shardOf(view: TopologyView, plan: Plan, name: string): number | undefined {
  const node = view.get(name);
  const serving = node?.role === "replica" && node.follows ? node.follows : name;
  const planned = plan.nodes.find((candidate) => candidate.name === serving)?.shard;
  const own = plan.shards.find(({ shard }) => shard === planned);
  const served = view.get(serving)?.slots ?? [];
  if (!own || served.length === 0 || own.slots.length === 0 || commonSlots(own.slots, served) > 0)
    return planned;
  const counts = plan.shards.map(({ shard, slots }) => ({ shard, common: commonSlots(slots, served) }));
  return counts.reduce((most, one) => (one.common > most.common ? one : most)).shard;
}

function commonSlots(one: readonly SlotRange[], other: readonly SlotRange[]): number {
  return one
    .flatMap(([a, b]) => other.map(([c, d]) => Math.max(0, Math.min(b, d) - Math.max(a, c) + 1)))
    .reduce((sum, count) => sum + count, 0);
}
