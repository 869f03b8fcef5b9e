import { type Look, waitFor } from "../base/wait.ts";
import { nodeAt } from "../model/addresses.ts";
import type { ClusterMap, FinalSentinel } from "../model/observed.ts";
import type { Plan, SlotRange } from "../model/plan.ts";
import type { Admin } from "../valkey/admin.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import { pairsOf, parseClusterNodes, parseClusterSlots, parseInfo } from "../valkey/replies.ts";

/**
 * What a node has heard of a change is with all others a few gossip periods later; Sentinels tell each other every 2 s.
 */
const AGREE_MS = 5000;
const LOOK_MS = 1000;
const POLL_MS = 50;

/**
 * Gives the nodes time to agree: in a cluster on who serves which slots at which epoch, Sentinels on the primary. Those
 * that do not answer are not waited for.
 *
 * @throws DrillError `DEADLINE` if they do not in 5 s
 */
export async function awaitAgreement(plan: Plan, admins: AdminPool): Promise<void> {
  const asked = plan.nodes.filter(({ role }) => plan.kind === "cluster" || role === "sentinel");
  const accountOf = async (name: string): Promise<string | undefined> => {
    if (plan.kind === "ha") {
      const { reachable, primary, epoch } = await sentinelsAccount(plan, name, admins.of(name));
      return reachable ? `${primary} at epoch ${epoch}` : undefined;
    }
    const map = await clusterMapOf(plan, admins.of(name)).catch(() => undefined);
    return map && JSON.stringify(map.primaries);
  };
  const look = async (): Promise<Look<undefined>> => {
    const accounts = await Promise.all(asked.map(({ name }) => accountOf(name)));
    const known = new Set(accounts.filter((account) => account !== undefined));
    if (known.size <= 1) return { done: true, value: undefined };
    return { done: false, seen: `${known.size} different accounts of ${asked.length} nodes` };
  };
  await waitFor(look, { what: "the nodes to agree", timeoutMs: AGREE_MS, intervalMs: POLL_MS });
}

/** @throws DrillError `COMMAND_FAILED` if the node does not answer */
export async function clusterMapOf(plan: Plan, admin: Admin): Promise<ClusterMap> {
  const nameOf = (id: string) => plan.nodes.find((node) => node.id === id)?.name ?? id;
  const [nodes = null, slots = null, info = null] = await admin.pipeline(
    [
      ["CLUSTER", "NODES"],
      ["CLUSTER", "SLOTS"],
      ["CLUSTER", "INFO"],
    ],
    LOOK_MS,
  );
  const told = new Map<string, SlotRange[]>();
  for (const { id, range } of parseClusterSlots(slots)) {
    told.set(nameOf(id), [...(told.get(nameOf(id)) ?? []), range]);
  }
  return {
    primaries: parseClusterNodes(nodes)
      .filter((line) => line.role === "primary" && line.slots.length > 0)
      .map(({ id, slots: own, epoch }) => ({ node: nameOf(id), slots: own, epoch }))
      .sort(byName),
    told: [...told].map(([node, ranges]) => ({ node, slots: ranges.sort(([a], [b]) => a - b) })).sort(byName),
    currentEpoch: Number(parseInfo(info).get("cluster_current_epoch")),
  };
}

/** One that does not answer is `reachable: false`; that is a finding, not an error. */
export async function sentinelsAccount(plan: Plan, sentinel: string, admin: Admin): Promise<FinalSentinel> {
  try {
    const group = pairsOf(await admin.call(["SENTINEL", "MASTER", plan.sentinelGroup ?? ""], LOOK_MS));
    const [host = "", port] = [group.get("ip"), Number(group.get("port"))];
    const primary = nodeAt(plan, host, port)?.name ?? `${host}:${port}`;
    return { sentinel, reachable: true, primary, epoch: Number(group.get("config-epoch")) };
  } catch {
    return { sentinel, reachable: false };
  }
}

function byName(a: { node: string }, b: { node: string }): number {
  return a.node < b.node ? -1 : 1;
}
