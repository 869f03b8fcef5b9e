import { z } from "zod";
import { between, onDataNode } from "./explore.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { nodeActionOf } from "./node-action-of.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";

const options = z.strictObject({
  ms: z.int().min(1).max(60_000).default(200).describe("How much longer each fsync takes."),
});

/**
 * A disk that takes its time: each fsync lasts longer, of the append-only file as of an RDB file. With `appendfsync always` each
 * write waits for it; with `everysec` the server notices once it is a second behind.
 */
export const slowDisk: Fault<"slow-disk", typeof options> = {
  kind: "slow-disk",
  summary:
    "each fsync of a node takes longer, for AOF and RDB alike (process driver, with strace); heal ends that",
  needs: ["slow-disk"],
  options,
  explore: onDataNode((random) => ({ ms: between(random, 10, 1000) })),
  means: primariesMayLosePlace,
  label: (targets, { ms }) => `disk of ${targets.join(", ")} slower by ${ms} ms`,
  inject: async (context, targets, { ms }) => {
    const set = nodeActionOf(context.topology, "setFsyncDelay");
    await onEach(
      targets,
      (target) => set(target, ms),
      (target) => quicken(context, target),
    );
  },
  heal: async (context, targets) => {
    await Promise.all(targets.map((target) => quicken(context, target)));
  },
};

async function quicken({ topology }: FaultContext, target: string): Promise<void> {
  await nodeActionOf(topology, "setFsyncDelay")(target, 0);
}
