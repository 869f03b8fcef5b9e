import type { ExplainedNode, IncidentEvent, NodeId, ReadReport } from "../model.ts";

/** Nodes that fail over among themselves: a Sentinel group, a cluster, or servers of which no Sentinel tells. */
export interface System {
  readonly kind: "ha" | "cluster";
  /** For people: `Sentinel group mymaster`. */
  readonly name: string;
  /** Sentinel's name of it. */
  readonly group?: string;
  readonly nodes: readonly ExplainedNode[];
  /** By time; what was told of another group by a Sentinel of several is not among them. */
  readonly events: readonly IncidentEvent[];
}

/** Parts the nodes of a report. A Sentinel that monitors several groups is in each. */
export function systemsOf(report: ReadReport): System[] {
  const groups = [...new Set(report.nodes.flatMap(({ groups: own }) => own))].sort();
  const inCluster = clusterNodes(report);
  const loose = report.nodes.filter(
    ({ id, groups: own, kind }) => own.length === 0 && kind !== "sentinel" && !inCluster.has(id),
  );
  const [only] = groups;
  const withLoose = groups.length === 1 && inCluster.size === 0;
  const systems = groups.map((group): System => {
    const nodes = report.nodes.filter(({ groups: own }) => own.includes(group));
    const all = withLoose && group === only ? [...nodes, ...loose] : nodes;
    const several = groups.length > 1;
    const isOwn = ({ data }: IncidentEvent) => !several || data.group === undefined || data.group === group;
    return {
      kind: "ha",
      name: `Sentinel group ${group}`,
      group,
      nodes: all,
      events: eventsOf(report, all).filter(isOwn),
    };
  });
  if (inCluster.size > 0) {
    const nodes = report.nodes.filter(({ id }) => inCluster.has(id));
    systems.push({ kind: "cluster", name: "cluster", nodes, events: eventsOf(report, nodes) });
  }
  const isAlone = groups.length === 0 && inCluster.size === 0;
  if (isAlone && loose.length > 0)
    systems.push({
      kind: "ha",
      name: "servers without Sentinels",
      nodes: loose,
      events: eventsOf(report, loose),
    });
  return systems;
}

const CLUSTER_EVENTS: readonly string[] = [
  "election-delayed",
  "election-started",
  "election-won",
  "vote-granted",
  "vote-denied",
  "suspects",
  "failed",
  "cluster-state",
  "cluster-down",
  "cannot-failover",
];

/** Who has an id in a cluster, or does what only nodes of one do. */
function clusterNodes(report: ReadReport): ReadonlySet<NodeId> {
  const acting = report.events.filter(({ kind }) => CLUSTER_EVENTS.includes(kind)).map(({ node }) => node);
  const named = report.nodes.filter(({ clusterId }) => clusterId !== undefined).map(({ id }) => id);
  return new Set([...acting, ...named]);
}

function eventsOf(report: ReadReport, nodes: readonly ExplainedNode[]): IncidentEvent[] {
  const ids = new Set(nodes.map(({ id }) => id));
  return report.events.filter(({ node }) => ids.has(node));
}

/** When the last line was written that is known of, ms since 1970. */
export function lastOf({ nodes, events }: System): number {
  const told = events.reduce((last, { at, repeated }) => Math.max(last, at, repeated?.until ?? 0), 0);
  return nodes.reduce((last, { span }) => Math.max(last, span?.to ?? 0), told);
}
