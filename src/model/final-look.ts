import type { SlotRange } from "./plan.ts";

/** A primary of a cluster, as one node has it in its map. */
export interface MappedPrimary {
  /** Its name, or its id where it is no node of the plan. */
  readonly node: string;
  readonly slots: readonly SlotRange[];
  /** Its configuration epoch: where two claim a slot, the higher one wins. */
  readonly epoch: number;
}

/** The cluster by one node's own account (`CLUSTER NODES`, `CLUSTER SLOTS`, `CLUSTER INFO`). */
export interface ClusterMap {
  /** Who serves slots, by name. */
  readonly primaries: readonly MappedPrimary[];
  /** Whom it sends clients to, by name. */
  readonly told: readonly Omit<MappedPrimary, "epoch">[];
  /** The highest epoch that it knows of. */
  readonly currentEpoch: number;
}

/** Data of the observation `final-sentinel`: the primary by one Sentinel's own account (`SENTINEL MASTER`). */
export interface FinalSentinel {
  readonly sentinel: string;
  readonly reachable: boolean;
  /** Name of the node, or its address where it is no node of the plan. */
  readonly primary?: string;
  readonly epoch?: number;
}
