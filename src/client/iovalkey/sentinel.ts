import { Valkey } from "iovalkey";
import type { Reply } from "../../valkey/admin.ts";
import { type ClientOptions, type ClientTarget, type DrillClient, withDeadline } from "../client.ts";
import { QuietSentinelConnector } from "./quiet-connector.ts";
import { awaitReadyEvent } from "./ready-event.ts";
import { quickReconnect, singleAttemptOptions } from "./settings.ts";
import { callAndWait } from "./wait-command.ts";

/** Two connections, both found through Sentinel: one to the primary, one to a replica. */
export async function connectSentinel(
  target: Extract<ClientTarget, { kind: "ha" }>,
  options: ClientOptions,
  deadlineMs: number,
): Promise<DrillClient> {
  const open = (role: "master" | "slave") =>
    new Valkey({
      ...singleAttemptOptions(options.random),
      Connector: QuietSentinelConnector,
      sentinels: target.sentinels.map(({ host, port }) => ({ host, port })),
      name: target.group,
      natMap: target.natMap,
      role,
      sentinelRetryStrategy: quickReconnect(options.random), // ask the next Sentinel, again and again
      sentinelReconnectStrategy: quickReconnect(options.random),
      sentinelCommandTimeout: 1000,
      failoverDetector: role === "master", // leave the old primary as soon as Sentinel announces a new one
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
