import { z } from "zod";
import { DrillError, messageOf } from "../model/errors.ts";
import { type Admin, wasRefused } from "../valkey/admin.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";

/** Numbers of the bus's messages (src/cluster_legacy.h, CLUSTERMSG_TYPE_…). */
const TYPES = {
  ping: 0,
  pong: 1,
  meet: 2,
  fail: 3,
  publish: 4,
  "vote-request": 5,
  vote: 6,
  update: 7,
  "manual-failover": 8,
} as const;
type TypeName = keyof typeof TYPES;
const NONE = -1;

const options = z.strictObject({
  type: z
    .enum(Object.keys(TYPES) as [TypeName, ...TypeName[]])
    .describe("Which messages do not get through to the node."),
});

/**
 * `DEBUG DROP-CLUSTER-PACKET-FILTER`: the node drops each message of one type that arrives on its cluster bus, as a bug, or a network that
 * loses now and then just the one that counts. It goes on sending, and everything else gets through. Healed by dropping none.
 */
export const dropBusMessages: Fault<"drop-bus-messages", typeof options> = {
  kind: "drop-bus-messages",
  summary: "a node of a cluster drops the messages of one type that others send it; heal lets them through",
  needs: [],
  topologies: ["cluster"],
  options,
  means: primariesMayLosePlace,
  label: (targets, { type }) => `${type} messages to ${targets.join(", ")} dropped`,
  inject: async (context, targets, { type }) => {
    await onEach(
      targets,
      (target) => filter(context.admins.of(target), TYPES[type], target),
      (target) => lift(context, target),
    );
  },
  heal: async (context, targets) => {
    await Promise.all(targets.map((target) => lift(context, target)));
  },
};

async function filter(admin: Admin, type: number, target: string): Promise<void> {
  try {
    await admin.call(["DEBUG", "DROP-CLUSTER-PACKET-FILTER", type]);
  } catch (cause) {
    if (!wasRefused(cause)) throw cause;
    throw new DrillError("COMMAND_FAILED", `${target} does not drop messages: ${messageOf(cause)}`, {
      hint: "DEBUG must be enabled (enable-debug-command) and not be renamed.",
      cause,
    });
  }
}

/** A node that is not running has forgotten it. */
async function lift({ topology, admins }: FaultContext, target: string): Promise<void> {
  if ((await topology.state(target)) === "stopped") return;
  await admins.of(target).call(["DEBUG", "DROP-CLUSTER-PACKET-FILTER", NONE]);
}
