import { z } from "zod";
import { oneOf, someNodesInOrder } from "./explore.ts";
import type { Fault } from "./fault.ts";
import { changesRemembered, primariesMayLosePlace } from "./roles.ts";
import { roll } from "./rolling.ts";

const options = z.strictObject({
  handOver: z
    .boolean()
    .default(true)
    .describe(
      "A primary hands over (an asked-for failover) before it is stopped; false: it is just stopped.",
    ),
  betweenMs: z.int().min(0).max(600_000).default(0).describe("Time between two nodes, ms."),
});

/**
 * Every target stopped in order and started again, one after the other, replicas first, each back and caught up before the
 * next. In force when the last is back; nothing to heal but a node that an interruption left down.
 */
export const rollingRestart: Fault<"rolling-restart", typeof options> = {
  kind: "rolling-restart",
  summary: "the nodes restarted one after the other, replicas first, a primary after it has handed over",
  needs: [],
  options,
  explore: (on) => ({
    ...someNodesInOrder(on),
    options: { handOver: oneOf(on.random, [true, true, false]) },
  }),
  selfHealing: () => true,
  label: (targets) => `rolling restart of ${targets.length} nodes`,
  means: primariesMayLosePlace,
  came: changesRemembered,
  losesData: () => "at-once",
  inject: async (context, targets, given) => ({ changes: await roll(context, targets, given) }),
  heal: async ({ topology }, targets) => {
    await Promise.all(targets.map((target) => topology.start(target)));
  },
};
