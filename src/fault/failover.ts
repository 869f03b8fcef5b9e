import { z } from "zod";
import type { RoleChange } from "../model/event.ts";
import { someDataNode } from "./explore.ts";
import type { Fault, RolesNow } from "./fault.ts";
import { failOver, failOverHa } from "./hand-over.ts";
import { changesRemembered } from "./roles.ts";

const options = z.strictObject({
  mode: z
    .enum(["default", "force", "takeover"])
    .default("default")
    .describe(
      "Cluster only: default waits for the primary and loses nothing; force does not ask the primary; takeover does " +
        "not ask anybody.",
    ),
});
/**
 * A failover that is asked for: SENTINEL FAILOVER, CLUSTER FAILOVER [FORCE|TAKEOVER]. A target that is a primary is to
 * be replaced, one that is a replica is to take over. In a cluster that replica is asked itself, one target after the
 * other. Sentinel chooses by itself, so in HA there is one failover, whoever and however many are named. In force once
 * another node is the primary; nothing to heal.
 *
 * https://valkey.io/commands/cluster-failover/, https://valkey.io/topics/sentinel/#sentinel-commands
 */
export const failover: Fault<"failover", typeof options> = {
  kind: "failover",
  summary:
    "a failover that is asked for (SENTINEL FAILOVER, CLUSTER FAILOVER FORCE or TAKEOVER); nothing to heal",
  needs: [],
  options,
  unsupportedOn: ({ mode }, topology) =>
    topology === "ha" && mode !== "default"
      ? `mode: Sentinel knows no ${mode}; it is for cluster`
      : undefined,
  means: (targets, _options, now) => askedFor(targets, now),
  came: changesRemembered,
  explore: someDataNode,
  selfHealing: () => true,
  label: (targets, { mode }) => `failover of ${targets.join(", ")}${mode === "default" ? "" : ` (${mode})`}`,
  inject: async (context, targets, { mode }) => {
    if (context.topology.plan.kind === "ha") return { changes: await failOverHa(context, targets) };
    const changes: RoleChange[] = [];
    for (const target of targets) changes.push(await failOver(context, target, mode));
    return { changes };
  },
  heal: async () => {},
};

/**
 * One change for each target, in their order: who took over for one target gives up its place for the next of the
 * shard.
 */
function askedFor(targets: readonly string[], { kind, primaryOf, isReplica }: RolesNow): RoleChange[] {
  const holder = new Map<string, string>();
  return targets.map((target) => {
    const first = primaryOf(target);
    const from = first === undefined ? undefined : (holder.get(first) ?? first);
    const to = isReplica(target) ? target : undefined;
    if (kind === "cluster" && first !== undefined && to !== undefined) holder.set(first, to);
    return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  });
}
