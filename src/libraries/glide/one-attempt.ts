import type { GlideClusterClient, GlideClusterClientConfiguration } from "@valkey/valkey-glide";
import type { ClientOptions, ClientTarget, DrillClient } from "../../client/client.ts";
import { withDeadline } from "../../client/deadline.ts";
import { explained } from "../../client/errors.ts";
import { messageOf } from "../../model/errors.ts";
import { firstKey } from "../first-key.ts";
import type { ClientLibrary } from "../library.ts";
import { addressesOf, glideAccess } from "./addresses.ts";
import { GLIDE_ERRORS } from "./errors.ts";
import { replyTo } from "./replies.ts";

type Package = typeof import("@valkey/valkey-glide");

/** How often it looks at the slot map: a whole number of seconds, says the library. */
const TOPOLOGY_CHECK_S = 1;
/** A call that the library still holds then is not sent any more. Deadlines of drills are no longer. */
const REQUEST_TIMEOUT_MS = 5000;

/** What decides how soon a client of ours finds a new primary. */
export const RECOVERY: ClientLibrary["recovery"] = {
  ha: { setting: "none", value: "it knows no Sentinel" },
  cluster: { setting: "periodicChecks", value: `${TOPOLOGY_CHECK_S} s` },
};

/**
 * Two clients: one that sends to primaries, one that reads from replicas, where it must have said `READONLY`. The
 * library's core follows redirects, and sends again what was refused or could not be sent; what may have been done it
 * does not, and it has no option for that. It tells neither who answered, nor of its redirects, nor of its connections.
 */
export async function connectGlide(
  package_: Package,
  { target, refreshSlots }: ClientOptions,
  deadlineMs: number,
): Promise<DrillClient> {
  if (target.kind !== "cluster") throw new TypeError("not a cluster");
  package_.Logger.setLoggerConfig("off"); // it writes to standard output, which is the tool's own
  const open = (readFrom: "primary" | "preferReplica") =>
    package_.GlideClusterClient.createClient({
      ...baseOptions(target),
      readFrom,
      ...(refreshSlots === false && { periodicChecks: "disabled" }),
    });
  const opening = [open("primary"), open("preferReplica")] as const;
  const close = async () => {
    for (const one of opening) void one.then((client) => client.close()).catch(() => {}); // one that failed is none
  };
  try {
    await withDeadline(Promise.all(opening), deadlineMs);
  } catch (error) {
    await close();
    throw new Error(`the client was not ready within ${deadlineMs} ms; last seen: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const [primaries, replicas] = await Promise.all(opening);

  return {
    call: (args, ms) => send(primaries, "primarySlotKey", args, ms),
    callReplica: (args, ms) => send(replicas, "replicaSlotKey", args, ms),
    callAndWait: async (args, { replicas: count, waitMs }, ms) => {
      // One pipeline to one node: both go over the same connection, or neither is done.
      const both = new package_.ClusterBatch(false)
        .customCommand([...args])
        .customCommand(["WAIT", String(count), String(waitMs)]);
      const route = { type: "primarySlotKey", key: firstKey(args) ?? "" } as const;
      const replies = await attempt(primaries.exec(both, false, { route, timeout: ms }), ms);
      const [written = null, waited] = replies ?? [];
      if (written instanceof Error) throw explained(written, GLIDE_ERRORS);
      // The write was done; only its replication is in doubt, which is what the caller is told.
      return { reply: replyTo(args, written), confirmed: typeof waited === "number" ? waited : 0 };
    },
    redirects: () => ({ moved: null, ask: null }),
    close,
  };
}

/** What all clients of drills have in common. */
export function baseOptions(
  target: Extract<ClientTarget, { kind: "cluster" }>,
): GlideClusterClientConfiguration {
  const access = glideAccess(target.access);
  return {
    ...addressesOf(target),
    ...access,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionBackoff: { numberOfRetries: 4, factor: 20, exponentBase: 2 }, // 320 ms at most
    periodicChecks: { duration_in_sec: TOPOLOGY_CHECK_S },
    advancedConfiguration: { ...access.advancedConfiguration, connectionTimeout: 1000 },
  };
}

/** By the slot of its first key, whatever others it has: so it goes to one node, as it is. */
async function send(
  client: GlideClusterClient,
  type: "primarySlotKey" | "replicaSlotKey",
  args: readonly string[],
  deadlineMs: number,
) {
  const route = { type, key: firstKey(args) ?? "" };
  return replyTo(args, await attempt(client.customCommand([...args], { route }), deadlineMs));
}

async function attempt<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  try {
    return await withDeadline(work, deadlineMs);
  } catch (error) {
    throw explained(error, GLIDE_ERRORS);
  }
}
