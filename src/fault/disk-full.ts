import { someDataNode } from "./explore.ts";
import { type Fault, type FaultContext, NO_OPTIONS } from "./fault.ts";
import { nodeActionOf } from "./node-action-of.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";

/**
 * No file of the node grows by a single byte. A primary that cannot write its append-only file, or save after it was told to,
 * refuses writes (MISCONF). One that promised to sync always ends, as does a cluster node that cannot write down what it has
 * learnt. Healed by giving the room back, and starting the node if it has ended.
 */
export const diskFull: Fault<"disk-full", typeof NO_OPTIONS> = {
  kind: "disk-full",
  summary:
    "no file of a node can grow: writes are refused (MISCONF), or the node ends; heal gives the room back",
  needs: ["limit-disk"],
  options: NO_OPTIONS,
  explore: someDataNode,
  means: primariesMayLosePlace,
  losesData: () => "in-force",
  label: (targets) => `disk of ${targets.join(", ")} full`,
  inject: async (context, targets) => {
    await onEach(
      targets,
      (target) => fill(context, target),
      (target) => empty(context, target),
    );
  },
  heal: async (context, targets) => {
    await Promise.all(targets.map((target) => empty(context, target)));
  },
};

async function fill({ topology }: FaultContext, target: string): Promise<void> {
  await topology.expectExit(target);
  await nodeActionOf(topology, "setDiskFull")(target, true);
}

async function empty({ topology }: FaultContext, target: string): Promise<void> {
  await nodeActionOf(topology, "setDiskFull")(target, false);
  await topology.start(target);
}
