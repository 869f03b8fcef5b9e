import { type Look, waitFor } from "../base/wait.ts";
import type { Plan } from "../model/plan.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import { pairsOf, parseReplication } from "../valkey/replies.ts";
import type { ReadyOptions } from "./ready.ts";

/** A Sentinel asks INFO every 10 s; while starting up we let it ask more often, and then put this back. */
const START_UP_INFO_PERIOD_MS = 100;

export async function awaitHaReady(plan: Plan, admins: AdminPool, options: ReadyOptions): Promise<void> {
  await awaitReplicasLinked(plan, admins, options);
  const sentinels = plan.nodes.filter((node) => node.role === "sentinel");
  await Promise.all(sentinels.map((sentinel) => awaitSentinel(plan, sentinel.name, admins, options)));
}

/** Every replica's link to its primary is up, and the primary counts them all as online. */
export async function awaitReplicasLinked(
  plan: Plan,
  admins: AdminPool,
  options: ReadyOptions,
): Promise<void> {
  const replicas = plan.nodes.filter((node) => node.role === "replica");
  if (replicas.length === 0) return;
  await waitFor(
    async () => {
      const primary = parseReplication(await admins.of("primary").call(["INFO", "replication"]));
      return primary.onlineReplicas === replicas.length
        ? { done: true, value: undefined }
        : { done: false, seen: `${primary.onlineReplicas} of ${replicas.length} replicas online` };
    },
    { what: "the replicas to link to the primary", intervalMs: 5, ...options },
  );
}

async function awaitSentinel(
  plan: Plan,
  name: string,
  admins: AdminPool,
  options: ReadyOptions,
): Promise<void> {
  const admin = admins.of(name);
  const group = plan.sentinelGroup as string;
  // Redis has no such command before 7.0, and an older Sentinel is only slower to see its replicas.
  const period = await admin.call(["SENTINEL", "DEBUG"]).then(
    (reply) => pairsOf(reply).get("INFO-PERIOD") ?? pairsOf(reply).get("info-period"),
    () => undefined,
  );
  if (period) await admin.call(["SENTINEL", "DEBUG", "info-period", START_UP_INFO_PERIOD_MS]);
  try {
    await waitFor(() => lookAtSentinel(plan, group, name, admins), {
      what: `${name} to see all replicas and Sentinels`,
      intervalMs: 10,
      ...options,
    });
  } finally {
    if (period) await admin.call(["SENTINEL", "DEBUG", "info-period", period]);
  }
}

async function lookAtSentinel(
  plan: Plan,
  group: string,
  name: string,
  admins: AdminPool,
): Promise<Look<undefined>> {
  const admin = admins.of(name);
  const replicas = plan.nodes.filter((node) => node.role === "replica").length;
  const others = plan.nodes.filter((node) => node.role === "sentinel").length - 1;
  const [primaryReply, replicaReply, sentinelReply] = await admin.pipeline([
    ["SENTINEL", "MASTER", group],
    ["SENTINEL", "REPLICAS", group],
    ["SENTINEL", "SENTINELS", group],
  ]);
  const primary = pairsOf(primaryReply ?? null);
  const linked = list(replicaReply).filter(
    (replica) => replica.get("flags") === "slave" && replica.get("master-link-status") === "ok",
  ).length;
  const peers = list(sentinelReply).filter((peer) => peer.get("flags") === "sentinel").length;
  if (primary.get("flags") !== "master" || linked !== replicas || peers !== others) {
    return {
      done: false,
      seen: `primary ${primary.get("flags")}, ${linked} of ${replicas} replicas linked, ${peers} of ${others} other Sentinels`,
    };
  }
  const quorum = String(await admin.call(["SENTINEL", "CKQUORUM", group])); // an error is what was seen
  return quorum.startsWith("OK") ? { done: true, value: undefined } : { done: false, seen: quorum };
}

function list(reply: unknown): Map<string, string>[] {
  return Array.isArray(reply) ? reply.map(pairsOf) : [];
}
