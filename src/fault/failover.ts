import { z } from "zod";
import { DrillError } from "../model/errors.ts";
import { someDataNode } from "./explore.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { shardMates, untilPrimary, withRole } from "./who.ts";

const options = z.strictObject({
  mode: z
    .enum(["default", "force", "takeover"])
    .default("default")
    .describe(
      "Cluster only: default waits for the primary and loses nothing; force does not ask the primary; takeover does not ask anybody.",
    ),
});
type Options = z.infer<typeof options>;

const TAKES_MS = 30_000;

/**
 * A failover that is asked for: SENTINEL FAILOVER, CLUSTER FAILOVER [FORCE|TAKEOVER]. A target that is a primary is to be
 * replaced; in a cluster one that is a replica is to take over (Sentinel chooses by itself). In force once another node is the primary; nothing to heal.
 *
 * https://valkey.io/commands/cluster-failover/, https://valkey.io/topics/sentinel/#sentinel-commands
 */
export const failover: Fault<"failover", typeof options> = {
  kind: "failover",
  summary:
    "a failover that is asked for (SENTINEL FAILOVER, CLUSTER FAILOVER FORCE or TAKEOVER); nothing to heal",
  needs: [],
  options,
  unfit: ({ mode }, topology) =>
    topology === "ha" && mode !== "default"
      ? `mode: Sentinel knows no ${mode}; it is for cluster`
      : undefined,
  explore: someDataNode,
  over: () => true,
  label: (targets, { mode }) => `failover of ${targets.join(", ")}${mode === "default" ? "" : ` (${mode})`}`,
  inject: async (context, targets, { mode }) => {
    for (const target of targets) await failOver(context, target, mode);
  },
  heal: async () => {},
};

/** Replaces the primary of the target's shard, in a cluster by the target itself if it is a replica. Gives the new primary. */
export async function failOver(
  context: FaultContext,
  target: string,
  mode: Options["mode"] = "default",
): Promise<string> {
  const mates = shardMates(context, target);
  const old = await withRole(context, mates, "primary");
  if (context.topology.plan.kind === "ha") await askSentinel(context);
  else await askReplica(context, target, mates, mode);
  return untilPrimary(context, mates, TAKES_MS, old);
}

/** Any Sentinel will do; one that is not ready for it (a failover is going on) says so. */
async function askSentinel({ topology, admins }: FaultContext): Promise<void> {
  const { nodes, sentinelGroup = "" } = topology.plan;
  const refusals: string[] = [];
  for (const { name } of nodes.filter(({ role }) => role === "sentinel")) {
    try {
      await admins.of(name).call(["SENTINEL", "FAILOVER", sentinelGroup]);
      return;
    } catch (error) {
      refusals.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new DrillError("COMMAND_FAILED", `no Sentinel began a failover: ${refusals.join("; ")}`);
}

async function askReplica(
  context: FaultContext,
  target: string,
  mates: readonly string[],
  mode: Options["mode"],
): Promise<void> {
  const replicas = await withRole(context, mates, "replica");
  const chosen = replicas.includes(target) ? target : replicas[0];
  if (chosen === undefined)
    throw new DrillError("NOT_READY", `${target} has no replica that could take over`);
  await context.admins
    .of(chosen)
    .call(["CLUSTER", "FAILOVER", ...(mode === "default" ? [] : [mode.toUpperCase()])]);
}
