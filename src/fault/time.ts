import { z } from "zod";
import { oneOf, someNode } from "./explore.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { nodeActionOf } from "./node-action-of.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";

const YEAR_S = 365 * 24 * 3600;

const options = z.strictObject({
  seconds: z
    .int()
    .min(-YEAR_S)
    .max(YEAR_S)
    .default(3600)
    .describe("How far the clock jumps; below 0: into the past."),
});

/**
 * The clock of a node jumps, as when it is set by hand or by NTP: keys expire early or late, and a Sentinel stops judging for a
 * while (TILT). What measures durations goes on as before. Healed by the clock being right again, which is another jump.
 */
export const time: Fault<"time", typeof options> = {
  kind: "time",
  summary: "a node's clock jumps: keys expire early or late, Sentinels go into TILT; heal sets it right",
  needs: ["skew-clock"],
  options,
  explore: (on) => ({
    ...someNode(on),
    options: { seconds: oneOf(on.random, [-3600, -10, -1, 1, 10, 3600]) },
  }),
  means: primariesMayLosePlace,
  label: (targets, { seconds }) =>
    `clock of ${targets.join(", ")} ${Math.abs(seconds)} s ${seconds < 0 ? "behind" : "ahead"}`,
  inject: async (context, targets, { seconds }) => {
    const set = nodeActionOf(context.topology, "setClockOffset");
    await onEach(
      targets,
      (target) => set(target, seconds),
      (target) => setRight(context, target),
    );
  },
  heal: async (context, targets) => {
    await Promise.all(targets.map((target) => setRight(context, target)));
  },
};

async function setRight({ topology }: FaultContext, target: string): Promise<void> {
  await nodeActionOf(topology, "setClockOffset")(target, 0);
}
