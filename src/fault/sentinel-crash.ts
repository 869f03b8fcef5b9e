import { z } from "zod";
import type { Fault, FaultContext } from "./fault.ts";
import { onEach } from "./on-each.ts";
import { changesNoRole } from "./roles.ts";

const options = z.strictObject({
  when: z
    .enum(["after-election", "after-promotion"])
    .default("after-election")
    .describe(
      "It was elected and has done nothing yet; or it has told a replica to take over, and told nobody.",
    ),
});

/**
 * `SENTINEL SIMULATE-FAILURE`: a Sentinel that is elected to lead a failover dies of it, at the worst of two moments. One that is not
 * elected lives on, armed. Healed by disarming those that live, and starting those that died.
 */
export const sentinelCrash: Fault<"sentinel-crash", typeof options> = {
  kind: "sentinel-crash",
  summary: "a Sentinel dies as soon as it leads a failover; heal disarms it, or starts it again",
  needs: [],
  sentinelsOnly: true,
  topologies: ["ha"],
  options,
  means: changesNoRole,
  label: (targets, { when }) => `${targets.join(", ")} to crash ${when.replace("-", " ")}`,
  inject: async (context, targets, { when }) => {
    await onEach(
      targets,
      (target) => arm(context, target, when),
      (target) => disarm(context, target),
    );
  },
  heal: async (context, targets) => {
    await Promise.all(targets.map((target) => disarm(context, target)));
  },
};

async function arm({ topology, admins }: FaultContext, target: string, when: string): Promise<void> {
  await topology.expectExit(target);
  await admins.of(target).call(["SENTINEL", "SIMULATE-FAILURE", `crash-${when}`]);
}

/** Each call begins by disarming; `help` arms nothing. One that dies meanwhile is started. */
async function disarm({ topology, admins }: FaultContext, target: string): Promise<void> {
  if ((await topology.state(target)) !== "running") return topology.start(target);
  try {
    await admins.of(target).call(["SENTINEL", "SIMULATE-FAILURE", "help"]);
  } catch (error) {
    if ((await topology.state(target)) === "running") throw error;
    await topology.start(target);
  }
}
