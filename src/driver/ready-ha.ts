import { type Look, waitFor } from "../base/wait.ts";
import type { Plan } from "../model/plan.ts";
import type { Admin } from "../valkey/admin.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import { pairsOf, parseReplication } from "../valkey/replies.ts";
import type { ReadyOptions } from "./ready-options.ts";

/**
 * A Sentinel asks INFO every 10 s, and tries a connection that was refused again after 1 s (its ping period). While
 * starting up we let it do both more often; then its own values are put back, so that a drill shows what production
 * does.
 */
const START_UP_PERIODS_MS = { "info-period": 100, "ping-period": 50 };

export async function awaitHaReady(plan: Plan, admins: AdminPool, options: ReadyOptions): Promise<void> {
  const replicas = plan.nodes.filter((node) => node.role === "replica");
  await awaitReplicasLinked(replicas.length, admins, options);
  const sentinels = plan.nodes.filter((node) => node.role === "sentinel");
  await Promise.all(sentinels.map((sentinel) => awaitSentinel(plan, sentinel.name, admins, options)));
}

/** The primary counts so many replicas as online: their links are up at both ends. */
export async function awaitReplicasLinked(
  count: number,
  admins: AdminPool,
  options: ReadyOptions,
): Promise<void> {
  if (count === 0) return;
  await waitFor(
    async () => {
      const primary = parseReplication(await admins.of("primary").call(["INFO", "replication"]));
      return primary.onlineReplicas === count
        ? { done: true, value: undefined }
        : { done: false, seen: `${primary.onlineReplicas} of ${count} replicas online` };
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
  const own = await periodsOf(admin);
  if (own) await setPeriods(admin, START_UP_PERIODS_MS);
  try {
    await waitFor(() => lookAtSentinel(plan, group, name, admins), {
      what: `${name} to see all replicas and Sentinels`,
      intervalMs: 10,
      ...options,
    });
  } finally {
    if (own) await setPeriods(admin, own);
  }
}

/**
 * The Sentinel's own periods; `undefined` if it is too old to tell (Redis before 7.0), and then only slower to be
 * ready.
 */
async function periodsOf(admin: Admin): Promise<Record<string, number> | undefined> {
  const all = await admin.call(["SENTINEL", "DEBUG"]).then(pairsOf, () => new Map<string, string>());
  const own = Object.keys(START_UP_PERIODS_MS).map(
    (name) => [name, Number(all.get(name.toUpperCase()) ?? all.get(name))] as const,
  );
  return own.every(([, value]) => value > 0) ? Object.fromEntries(own) : undefined;
}

async function setPeriods(admin: Admin, periods: Record<string, number>): Promise<void> {
  await admin.call(["SENTINEL", "DEBUG", ...Object.entries(periods).flat()]);
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
      seen:
        `primary ${primary.get("flags")}, ${linked} of ${replicas} replicas linked, ${peers} of ${others} other ` +
        `Sentinels`,
    };
  }
  const quorum = String(await admin.call(["SENTINEL", "CKQUORUM", group])); // an error is what was seen
  return quorum.startsWith("OK") ? { done: true, value: undefined } : { done: false, seen: quorum };
}

function list(reply: unknown): Map<string, string>[] {
  return Array.isArray(reply) ? reply.map(pairsOf) : [];
}
