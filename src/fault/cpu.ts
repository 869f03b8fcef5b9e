import { z } from "zod";
import { onDataNode, oneOf } from "./explore.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { nodeActionOf } from "./node-action-of.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";

const options = z.strictObject({
  share: z.number().min(0.01).max(0.99).default(0.1).describe("The part of one processor that it may use."),
});

/** A node that gets little processor time, as beside a greedy neighbour or under a tight quota. Healed by lifting the limit. */
export const cpu: Fault<"cpu", typeof options> = {
  kind: "cpu",
  summary: "a node may use only a share of a processor, as under a tight quota; heal lifts the limit",
  needs: ["throttle-cpu"],
  options,
  explore: onDataNode((random) => ({ share: oneOf(random, [0.02, 0.1, 0.3]) })),
  means: primariesMayLosePlace,
  label: (targets, { share }) =>
    `${targets.join(", ")} throttled to ${Math.round(share * 100)}% of a processor`,
  inject: async (context, targets, { share }) => {
    const set = nodeActionOf(context.topology, "setCpuShare");
    await onEach(
      targets,
      (target) => set(target, share),
      (target) => lift(context, target),
    );
  },
  heal: async (context, targets) => {
    await Promise.all(targets.map((target) => lift(context, target)));
  },
};

async function lift({ topology }: FaultContext, target: string): Promise<void> {
  await nodeActionOf(topology, "setCpuShare")(target, 1);
}
