import { z } from "zod";
import { DrillError } from "../model/errors.ts";
import { findServer } from "../valkey/find.ts";
import type { Fault } from "./fault.ts";
import { changesRemembered, primariesMayLosePlace } from "./roles.ts";
import { roll } from "./rolling.ts";

const options = z.strictObject({
  to: z
    .string()
    .min(1)
    .describe("Version (8.0, 8.1, 9.1) or path of the server that each node is started with."),
  handOver: z.boolean().default(true).describe("A primary hands over before it is stopped."),
  betweenMs: z.int().min(0).max(600_000).default(0).describe("Time between two nodes, ms."),
});

/**
 * A rolling restart in which each node comes back as another version of the server. There is no way back: an older server does
 * not read a newer one's files, so there is nothing to heal.
 */
export const rollingUpgrade: Fault<"rolling-upgrade", typeof options> = {
  kind: "rolling-upgrade",
  summary: "the nodes restarted one after the other with another version of the server; there is no way back",
  needs: ["change-server"],
  options,
  selfHealing: () => true,
  label: (targets, { to }) => `rolling upgrade of ${targets.length} nodes to ${to}`,
  means: primariesMayLosePlace,
  came: changesRemembered,
  losesData: () => "at-once",
  inject: async (context, targets, given) => {
    const { topology, signal } = context;
    const server = await findServer({ valkey: given.to, signal });
    const changes = await roll(context, targets, given, async (node) => {
      if (!topology.changeServer)
        throw new DrillError(
          "LACKS_CAPABILITY",
          "only nodes that are local processes can change their server",
        );
      await topology.changeServer(node, server);
    });
    return { server: server.version, changes };
  },
  heal: async ({ topology }, targets) => {
    await Promise.all(targets.map((target) => topology.start(target)));
  },
};
