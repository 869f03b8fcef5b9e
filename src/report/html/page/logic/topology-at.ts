import type { ReportChange, ReportModel } from "../../../../model/report-model.ts";

type Node = ReportModel["topology"]["nodes"][number];

/** A node as it was at one moment, by its own account. */
export interface NodeAt {
  readonly node: Node;
  /** `undefined` of a data node: it had not told yet. */
  readonly role: "primary" | "replica" | "sentinel" | undefined;
  /** Whether it answers the drill. Sentinels are not asked. */
  readonly reachable: boolean;
  readonly follows?: string;
  /** Its link to the node that it follows. */
  readonly linkUp: boolean;
  /** Cluster: `cluster_state`. */
  readonly state?: string;
  /** A Sentinel's view of the primary. */
  readonly sees?: "ok" | "down" | "agreed";
  /** Cluster: how many nodes hold it to be failing, or failed. */
  readonly doubted: number;
  /** Faults in force on it. */
  readonly faults: readonly string[];
}

/** What of a run is needed to say what its nodes were. */
type TopologyOf = Pick<ReportModel, "faults"> & {
  readonly topology: Pick<ReportModel["topology"], "nodes" | "changes">;
};

interface Seen {
  role?: string;
  reachable?: string;
  follows?: string;
  link?: string;
  state?: string;
  sees?: string;
}

/** Every node as it was at that moment. */
export function topologyAt(model: TopologyOf, atMs: number): NodeAt[] {
  const seen = new Map<string, Seen>();
  const flags = new Map<string, string>();
  for (const change of model.topology.changes) {
    if (change.atMs > atMs) break;
    take(change, seen, flags);
  }
  return model.topology.nodes.map((node) => {
    const { role, reachable, follows, link, state, sees } = seen.get(node.name) ?? {};
    const sentinel = node.role === "sentinel";
    return {
      node,
      role: sentinel ? "sentinel" : (role as "primary" | "replica" | undefined),
      reachable: reachable !== "no",
      ...(role === "replica" && follows !== undefined && { follows }),
      linkUp: link !== "down",
      ...(state !== undefined && { state }),
      ...(sees !== undefined && { sees: sees as "ok" | "down" | "agreed" }),
      doubted: [...flags].filter(([key, flag]) => key.endsWith(`/${node.name}`) && flag !== "ok").length,
      faults: faultsOn(model, node.name, atMs).map(({ fault }) => fault),
    };
  });
}

/** The faults that were in force on a node at that moment. */
function faultsOn(model: TopologyOf, name: string, atMs: number) {
  return model.faults.filter(
    ({ targets, injectMs, healedMs = Infinity }) =>
      targets.includes(name) && injectMs <= atMs && atMs < healedMs,
  );
}

function take(
  { node, what, to, subject }: ReportChange,
  seen: Map<string, Seen>,
  flags: Map<string, string>,
): void {
  if (what === "flag") {
    flags.set(`${node}/${subject}`, to);
    return;
  }
  const before = seen.get(node) ?? {};
  // What does not answer tells nothing of itself: its last role is not its role now.
  seen.set(node, what === "reachable" && to === "no" ? { reachable: to } : { ...before, [what]: to });
}
