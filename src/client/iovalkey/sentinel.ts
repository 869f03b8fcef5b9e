import { Valkey } from "iovalkey";
import type { Reply } from "../../valkey/admin.ts";
import { type ClientOptions, type ClientTarget, type DrillClient, withDeadline } from "../client.ts";
import { awaitReadyEvent } from "./ready-event.ts";
import { quickReconnect, singleAttemptOptions } from "./settings.ts";
import { callAndWait } from "./wait-command.ts";

/**
 * Two connections, both found through Sentinel: one to the primary, one to a replica.
 *
 * The library's `failoverDetector` stays off, as it is by default. Every Sentinel announces a failover, the one that led it up to
 * a second after the others: on that, a client that is already well on the new primary is disconnected once more; and an
 * announcement that comes while the client is reconnecting ends it for good (status `end`). Both were seen in drills.
 */
export async function connectSentinel(
  target: Extract<ClientTarget, { kind: "ha" }>,
  options: ClientOptions,
  deadlineMs: number,
): Promise<DrillClient> {
  const open = (role: "master" | "slave") =>
    new Valkey({
      ...singleAttemptOptions(options.random),
      sentinels: target.sentinels.map(({ host, port }) => ({ host, port })),
      name: target.group,
      natMap: target.natMap,
      role,
      sentinelRetryStrategy: quickReconnect(options.random), // ask the next Sentinel, again and again
      sentinelCommandTimeout: 1000,
      reconnectOnError: (error) => role === "master" && error.message.startsWith("READONLY"), // a demoted primary
    });
  const primary = open("master");
  const replica = open("slave");
  try {
    await Promise.all([awaitReadyEvent(primary, deadlineMs), awaitReadyEvent(replica, deadlineMs)]);
  } catch (error) {
    primary.disconnect();
    replica.disconnect();
    throw error;
  }

  const send = (client: Valkey, [name = "", ...rest]: readonly string[], ms: number) =>
    withDeadline(client.call(name.toLowerCase(), ...rest) as Promise<Reply>, ms);
  return {
    call: (args, ms) => send(primary, args, ms),
    callReplica: (args, ms) => send(replica, args, ms),
    callAndWait: (args, wait, ms) => withDeadline(callAndWait(primary, args, wait), ms),
    redirects: () => ({ moved: 0, ask: 0 }),
    close: async () => {
      primary.disconnect();
      replica.disconnect();
    },
  };
}
