import { nodeOf } from "../driver/driver.ts";
import { announcedOf } from "../model/addresses.ts";
import { DrillError } from "../model/errors.ts";
import { type Fault, type FaultContext, NO_OPTIONS } from "./fault.ts";
import { namedBySentinels } from "./hand-over.ts";
import { replicationOf, shardMates, withRole } from "./node-roles.ts";
import { onEach } from "./on-each.ts";

/**
 * REPLICAOF NO ONE on a replica, as by a mistyped command or a script of the old days: it calls itself primary and takes writes, in
 * nobody's place, while the others go on. Sentinels make it a replica again after 8 s and more. Healed by following the primary.
 * A node of a cluster refuses the command.
 */
export const detach: Fault<"detach", typeof NO_OPTIONS> = {
  kind: "detach",
  summary: "REPLICAOF NO ONE on a replica: it calls itself primary, in nobody's place; heal makes it follow",
  needs: [],
  dataNodesOnly: true,
  topologies: ["ha"],
  options: NO_OPTIONS,
  means: (targets) => targets.map((detached) => ({ detached })),
  label: (targets) => `${targets.join(", ")} detached`,
  inject: async (context, targets) => {
    await onEach(
      targets,
      (target) => leave(context, target),
      (target) => follow(context, target),
    );
  },
  heal: async (context, targets) => {
    await Promise.all(targets.map((target) => follow(context, target)));
  },
};

async function leave(context: FaultContext, target: string): Promise<void> {
  if ((await replicationOf(context, target))?.role !== "replica")
    throw new DrillError("NOT_READY", `${target} is no replica now: there is nothing to detach it from`);
  await context.admins.of(target).call(["REPLICAOF", "NO", "ONE"]);
}

/** A replica is left alone: a Sentinel may have been faster. */
async function follow(context: FaultContext, target: string): Promise<void> {
  const own = await replicationOf(context, target);
  if (own?.role !== "primary" || own.onlineReplicas > 0) return;
  if ((await namedBySentinels(context)).includes(target)) return; // it was promoted meanwhile
  const others = shardMates(context, target).filter((name) => name !== target);
  const [primary, ...more] = await withRole(context, others, "primary");
  if (primary === undefined || more.length > 0) return; // nobody knows whom to follow: that is for Sentinel to say
  const { host, port } = announcedOf(nodeOf(context.topology.plan, primary).endpoint);
  await context.admins.of(target).call(["REPLICAOF", host, port]);
}
