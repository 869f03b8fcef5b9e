import { formatRanges } from "../base/ranges.ts";
import { clientAddressOf, nodeAt } from "../model/addresses.ts";
import type { Address, NodePlan, Plan } from "../model/plan.ts";
import type { NodeStatus } from "../model/status.ts";
import { type AdminPool, adminPool } from "../valkey/admin-pool.ts";
import { pairsOf } from "../valkey/replies.ts";
import { lookAtNode } from "./look.ts";
import type { NodeView, TopologyView } from "./view.ts";

const ASK_MS = 500;

/** What the driver knows of a node's process. */
export interface ProcessStatus {
  readonly name: string;
  readonly state: NodeStatus["process"];
  readonly pid?: number;
}

/**
 * Asks every node of a running environment what it is now. A node that does not answer is shown so; never throws for
 * it.
 */
export async function nodeStatuses(plan: Plan, processes: readonly ProcessStatus[]): Promise<NodeStatus[]> {
  const admins = adminPool(plan);
  try {
    const view = await viewNow(plan, admins);
    return await Promise.all(
      plan.nodes.map(async (node): Promise<NodeStatus> => {
        const { state = "stopped", pid } = processes.find(({ name }) => name === node.name) ?? {};
        const base = {
          name: node.name,
          endpoint: addressText(clientAddressOf(node.endpoint)),
          process: state,
          pid,
        };
        if (node.role === "sentinel") return { ...base, ...(await sentinelStatus(plan, node, admins)) };
        return { ...base, ...(await dataStatus(plan, node, view, admins)) };
      }),
    );
  } finally {
    admins.close();
  }
}

/** What the data nodes are now. */
export async function viewNow(plan: Plan, admins: AdminPool): Promise<TopologyView> {
  const data = plan.nodes.filter((node) => node.program === "server");
  return new Map(
    await Promise.all(
      data.map(async ({ name }) => [name, (await lookAtNode(plan, admins.of(name), ASK_MS)).node] as const),
    ),
  );
}

async function sentinelStatus(plan: Plan, node: NodePlan, admins: AdminPool) {
  try {
    const primary = pairsOf(
      await admins.of(node.name).call(["SENTINEL", "MASTER", plan.sentinelGroup as string], ASK_MS),
    );
    const name =
      nodeAt(plan, primary.get("ip") ?? "", Number(primary.get("port")))?.name ?? primary.get("port");
    const flags = (primary.get("flags") ?? "").split(",").filter((flag) => flag !== "master");
    const doubt = flags.length > 0 ? ` (${flags.join(", ")})` : "";
    const view = `${name}${doubt}, ${primary.get("num-slaves")} replicas, ${primary.get("num-other-sentinels")} peers`;
    return { reachable: true, role: "sentinel" as const, view };
  } catch {
    return { reachable: false, role: "sentinel" as const };
  }
}

async function dataStatus(plan: Plan, node: NodePlan, view: TopologyView, admins: AdminPool) {
  const seen = view.get(node.name);
  if (!seen?.reachable) return { reachable: false };
  const keys = await admins
    .of(node.name)
    .call(["DBSIZE"], ASK_MS)
    .then(Number, () => undefined);
  const primary = seen.follows === undefined ? undefined : view.get(seen.follows);
  return {
    reachable: true,
    role: seen.role,
    offset: seen.offset,
    lag: primary?.reachable ? Math.max(0, primary.offset - seen.offset) : undefined,
    follows: seen.follows,
    link: seen.role === "replica" ? (seen.linkUp ? ("up" as const) : ("down" as const)) : undefined,
    slots: plan.kind === "cluster" ? formatRanges(seen.slots) : undefined,
    keys,
    view: clusterView(plan, seen),
  };
}

function clusterView(plan: Plan, seen: NodeView): string | undefined {
  if (plan.kind !== "cluster") return undefined;
  return `${seen.state}${seen.doubts.length > 0 ? `, doubts ${seen.doubts.join(", ")}` : ""}`;
}

const addressText = ({ host, port }: Address) => `${host}:${port}`;
