import type { Plan } from "../model/plan.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import { awaitClusterReady, awaitReplicasTold } from "./ready-cluster.ts";
import { awaitHaReady, awaitReplicasLinked } from "./ready-ha.ts";
import type { ReadyOptions } from "./ready-options.ts";

/**
 * Waits until the whole topology can be used and would fail over.
 *
 * - HA: replicas linked; every Sentinel sees all replicas and Sentinels, and `CKQUORUM` is OK.
 * - Cluster: `cluster_state:ok` at every node, all agree on slots and roles, replicas linked, and a write to every
 *   shard succeeds.
 *
 * @throws DrillError `DEADLINE` with what was seen last
 */
export async function awaitReady(plan: Plan, admins: AdminPool, options: ReadyOptions): Promise<void> {
  await (plan.kind === "ha" ? awaitHaReady(plan, admins, options) : awaitClusterReady(plan, admins, options));
}

/** Waits until a client that asks any node finds every replica: in HA so as soon as it is ready. */
export async function awaitFindable(plan: Plan, admins: AdminPool, options: ReadyOptions): Promise<void> {
  if (plan.kind === "cluster") await awaitReplicasTold(plan, admins, options);
}

/**
 * What must hold before the given wave of nodes is started: in HA the replicas of earlier waves are linked. A replica
 * that comes while another's copy is being made waits a second for the next; a Sentinel that looks before the links are
 * up looks again only 10 s later.
 */
export async function beforeWave(
  wave: number,
  plan: Plan,
  admins: AdminPool,
  options: ReadyOptions,
): Promise<void> {
  if (plan.kind !== "ha") return;
  const earlier = plan.nodes.filter((node) => node.role === "replica" && node.wave < wave);
  await awaitReplicasLinked(earlier.length, admins, options);
}
