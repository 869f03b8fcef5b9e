import { nodeAt } from "../model/addresses.ts";
import type { Plan } from "../model/plan.ts";
import type { Admin, Reply } from "../valkey/admin.ts";
import {
  type ClusterNodeLine,
  parseCallsDone,
  parseClusterNodes,
  parseInfo,
  parseReplication,
} from "../valkey/replies.ts";
import { type NodeView, UNSEEN } from "./view.ts";

/** One look at a node, with (cluster) what it thinks of the others. */
export interface Look {
  readonly node: NodeView;
  /** Where it was asked for. */
  readonly written?: Written;
  /** HA: a replica's `replica-priority`. */
  readonly priority?: string;
  readonly cluster: readonly ClusterNodeLine[];
  /** Name of each cluster node id. */
  readonly nameOf: (id: string) => string | undefined;
}

/** How much a process has written, by its own counters, which begin anew when it is started. */
export interface Written {
  /** Calls of write commands that did not fail: of clients, of scripts, and of the primary that a replica follows. */
  readonly calls: number;
  readonly runId: string;
}

/**
 * Asks a node for its own view. One that does not answer is `reachable: false`; that is a finding, not an error.
 *
 * @param writeCommands names of write commands, to be told how many were done
 */
export async function lookAtNode(
  plan: Plan,
  admin: Admin,
  timeoutMs: number,
  writeCommands?: ReadonlySet<string>,
): Promise<Look> {
  const nameOf = (id: string) => plan.nodes.find((node) => node.id === id)?.name;
  const inCluster = plan.kind === "cluster";
  try {
    const info = writeCommands ? ["INFO", "server", "replication", "commandstats"] : ["INFO", "replication"];
    const [replicationReply = null, infoReply = null, nodesReply = null] = await admin.pipeline(
      inCluster ? [info, ["CLUSTER", "INFO"], ["CLUSTER", "NODES"]] : [info],
      timeoutMs,
    );
    const replication = parseReplication(replicationReply);
    const cluster = inCluster ? parseClusterNodes(nodesReply) : [];
    const own = cluster.find((line) => line.myself);
    // A replica of a cluster that was started anew has the role of a primary by INFO, until its first tick (100 ms)
    // begins to replicate. By the cluster's account it is what it was, and that is what it acts upon: it takes no
    // writes.
    const role = own?.role ?? replication.role;
    const follows = inCluster
      ? own?.primaryId && nameOf(own.primaryId)
      : replication.primaryAt && nodeAt(plan, replication.primaryAt.host, replication.primaryAt.port)?.name;
    const node: NodeView = {
      reachable: true,
      role,
      linkUp: replication.linkUp && role === replication.role,
      offset: replication.offset,
      onlineReplicas: replication.onlineReplicas,
      slots: own?.slots ?? [],
      doubts: cluster
        .filter((line) => line.health !== "ok" || !line.connected)
        .map((line) => nameOf(line.id) ?? line.id),
      state: inCluster ? parseInfo(infoReply).get("cluster_state") : undefined,
      follows: role === "replica" ? follows || undefined : undefined,
    };
    const written = writeCommands && writtenOf(replicationReply, writeCommands);
    return { node, written, priority: inCluster ? undefined : replication.priority, cluster, nameOf };
  } catch {
    return { node: UNSEEN, cluster: [], nameOf };
  }
}

function writtenOf(info: Reply, writeCommands: ReadonlySet<string>): Written {
  const calls = Object.entries(parseCallsDone(info)).filter(([command]) => writeCommands.has(command));
  return {
    calls: calls.reduce((sum, [, count]) => sum + count, 0),
    runId: parseInfo(info).get("run_id") ?? "",
  };
}
