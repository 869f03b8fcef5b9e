import { z } from "zod";
import { pause } from "../base/wait.ts";
import { between, onDataNode, oneOf } from "./explore.ts";
import type { Fault } from "./fault.ts";
import { changesNoRole } from "./roles.ts";

const options = z.strictObject({
  type: z.enum(["normal", "replica", "pubsub", "primary"]).default("normal").describe("Whose connections."),
  times: z.int().min(1).max(1000).default(1).describe("How often."),
  everyMs: z.int().min(1).max(60_000).default(1000).describe("Time between two of them."),
});

/** Drops connections, as a load balancer that restarts or an idle time-out does. It is over at once: nothing to heal. */
export const clientKill: Fault<"client-kill", typeof options> = {
  kind: "client-kill",
  summary: "CLIENT KILL: all connections of a type are dropped, again and again if asked; nothing to heal",
  needs: [],
  dataNodesOnly: true,
  options,
  explore: onDataNode((random) => ({
    type: oneOf(random, ["normal", "replica", "pubsub", "primary"]),
    times: between(random, 1, 5),
    everyMs: between(random, 50, 500),
  })),
  selfHealing: () => true,
  means: changesNoRole,
  label: (targets, { type }) => `${type} connections to ${targets.join(", ")} dropped`,
  inject: async ({ admins, signal }, targets, { type, times, everyMs }) => {
    for (let round = 1; round <= times; round += 1) {
      if (round > 1) await pause(everyMs, signal);
      // SKIPME: the connection by which the drill looks at the node is no client under test.
      const kill = ["CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"];
      await Promise.all(targets.map((target) => admins.of(target).call(kill)));
    }
  },
  heal: async () => {},
};
