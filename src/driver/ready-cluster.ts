import { slotsIn } from "../base/ranges.ts";
import { keyInRanges, SLOT_COUNT } from "../base/slots.ts";
import { type Look, waitFor } from "../base/wait.ts";
import type { NodePlan, Plan, ShardPlan } from "../model/plan.ts";
import type { Reply } from "../valkey/admin.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import {
  type ClusterNodeLine,
  parseClusterNodes,
  parseClusterSlots,
  parseInfo,
  parseReplication,
} from "../valkey/replies.ts";
import type { ReadyOptions } from "./ready-options.ts";

export async function awaitClusterReady(plan: Plan, admins: AdminPool, options: ReadyOptions): Promise<void> {
  const seen = new Map<string, string>();
  await Promise.all(
    plan.nodes.map((node) =>
      waitFor(() => lookAtNode(plan, node, admins), {
        what: `${node.name} to agree with the cluster`,
        intervalMs: pollMs(plan),
        ...options,
      }).then((view) => seen.set(node.name, view)),
    ),
  );
  await waitFor(async () => compareViews(plan, admins, seen), {
    what: "all nodes to agree",
    intervalMs: 20,
    ...options,
  });
  await Promise.all(
    plan.shards.filter(({ slots }) => slots.length > 0).map((shard) => awaitWritable(shard, admins, options)),
  );
}

/**
 * Waits until every node tells clients of every replica. A node leaves a replica out of `CLUSTER SLOTS` until it heard,
 * by gossip, that it holds data: a second after all is ready otherwise. A client that asked earlier and never asks
 * again does not find the replicas.
 *
 * @throws DrillError `DEADLINE`
 */
export async function awaitReplicasTold(plan: Plan, admins: AdminPool, options: ReadyOptions): Promise<void> {
  const expected = plan.shards
    .filter(({ slots }) => slots.length > 0)
    .flatMap(({ replicas }) => replicas).length;
  const look = async (node: NodePlan): Promise<Look<undefined>> => {
    const rows = parseClusterSlots(await admins.of(node.name).call(["CLUSTER", "SLOTS"]));
    const told = new Set(rows.flatMap(({ replicas }) => replicas)).size;
    return told >= expected
      ? { done: true, value: undefined }
      : { done: false, seen: `${told} of ${expected} replicas` };
  };
  await Promise.all(
    plan.nodes.map((node) =>
      waitFor(() => look(node), { what: `${node.name} to tell of all replicas`, intervalMs: 20, ...options }),
    ),
  );
}

/** The larger the cluster, the longer each answer: two cores shall start servers, not print tables. */
function pollMs(plan: Plan): number {
  return Math.max(10, plan.nodes.length * 2);
}

async function lookAtNode(plan: Plan, node: NodePlan, admins: AdminPool): Promise<Look<string>> {
  const [infoReply = null, replicationReply = null] = await admins.of(node.name).pipeline([
    ["CLUSTER", "INFO"],
    ["INFO", "replication"],
  ]);
  const info = parseInfo(infoReply);
  const replication = parseReplication(replicationReply);
  const state = info.get("cluster_state");
  if (state !== "ok") return { done: false, seen: `cluster_state:${state}` };
  if (replication.role !== node.role) return { done: false, seen: `its role is ${replication.role}` };
  if (!replication.linkUp) return { done: false, seen: "its link to the primary is down" };
  return looksWhole(plan, await admins.of(node.name).call(["CLUSTER", "NODES"]));
}

async function compareViews(
  plan: Plan,
  admins: AdminPool,
  first: ReadonlyMap<string, string>,
): Promise<Look<undefined>> {
  let views = [...first.values()];
  if (new Set(views).size > 1) {
    const looks = await Promise.all(
      plan.nodes.map(async (node) => looksWhole(plan, await admins.of(node.name).call(["CLUSTER", "NODES"]))),
    );
    const lacking = looks.find((look) => !look.done);
    if (lacking && !lacking.done) return lacking;
    views = looks.map((look) => (look.done ? look.value : ""));
  }
  const kinds = new Set(views).size;
  return kinds === 1 ? { done: true, value: undefined } : { done: false, seen: `${kinds} different views` };
}

function looksWhole(plan: Plan, reply: Reply): Look<string> {
  const lines = parseClusterNodes(reply);
  const covered = lines.reduce((sum, line) => sum + slotsIn(line.slots), 0);
  const unwell = lines.filter((line) => line.health !== "ok" || !line.connected);
  if (lines.length !== plan.nodes.length) return { done: false, seen: `it knows ${lines.length} nodes` };
  if (covered !== SLOT_COUNT) return { done: false, seen: `it knows owners of ${covered} slots` };
  if (unwell.length > 0)
    return { done: false, seen: `it holds ${unwell.length} nodes not connected or not well` };
  return { done: true, value: viewOf(lines) };
}

/** Slots and roles as one text, the same at two nodes just when they agree. */
function viewOf(lines: readonly ClusterNodeLine[]): string {
  return lines
    .map(
      (line) =>
        `${line.id} ${line.role} ${line.primaryId ?? "-"} ${line.slots.map((range) => range.join("-"))}`,
    )
    .sort()
    .join("\n");
}

/** A primary refuses writes for 2 s after its start (CLUSTER_WRITABLE_DELAY), whatever `cluster_state` says. */
async function awaitWritable(shard: ShardPlan, admins: AdminPool, options: ReadyOptions): Promise<void> {
  const key = keyInRanges("ready", shard.slots);
  await waitFor(
    async () => {
      await admins.of(shard.primary).call(["SET", key, "1", "PX", "1"]);
      return { done: true, value: undefined };
    },
    { what: `${shard.primary} to take a write`, intervalMs: 10, ...options },
  );
}
