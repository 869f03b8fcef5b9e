import { nodeAt } from "../model/addresses.ts";
import type { Plan } from "../model/plan.ts";
import type { Admin } from "../valkey/admin.ts";
import { type ClusterNodeLine, parseClusterNodes, parseInfo, parseReplication } from "../valkey/replies.ts";
import { type NodeView, UNSEEN } from "./view.ts";

/** One look at a node, with (cluster) what it thinks of the others. */
export interface Look {
  readonly node: NodeView;
  readonly cluster: readonly ClusterNodeLine[];
  /** Name of each cluster node id. */
  readonly nameOf: (id: string) => string | undefined;
}

/** Asks a node for its own view. One that does not answer is `reachable: false`; that is a finding, not an error. */
export async function lookAtNode(plan: Plan, admin: Admin, timeoutMs: number): Promise<Look> {
  const nameOf = (id: string) => plan.nodes.find((node) => node.id === id)?.name;
  const inCluster = plan.kind === "cluster";
  try {
    const [replicationReply = null, infoReply = null, nodesReply = null] = await admin.pipeline(
      inCluster
        ? [
            ["INFO", "replication"],
            ["CLUSTER", "INFO"],
            ["CLUSTER", "NODES"],
          ]
        : [["INFO", "replication"]],
      timeoutMs,
    );
    const replication = parseReplication(replicationReply);
    const cluster = inCluster ? parseClusterNodes(nodesReply) : [];
    const own = cluster.find((line) => line.myself);
    const follows = inCluster
      ? own?.primaryId && nameOf(own.primaryId)
      : replication.primaryAt && nodeAt(plan, replication.primaryAt.host, replication.primaryAt.port)?.name;
    const node: NodeView = {
      reachable: true,
      role: replication.role,
      linkUp: replication.linkUp,
      offset: replication.offset,
      onlineReplicas: replication.onlineReplicas,
      slots: own?.slots ?? [],
      doubts: cluster
        .filter((line) => line.health !== "ok" || !line.connected)
        .map((line) => nameOf(line.id) ?? line.id),
      state: inCluster ? parseInfo(infoReply).get("cluster_state") : undefined,
      follows: replication.role === "replica" ? follows || undefined : undefined,
    };
    return { node, cluster, nameOf };
  } catch {
    return { node: UNSEEN, cluster: [], nameOf };
  }
}
