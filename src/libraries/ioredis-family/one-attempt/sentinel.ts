import type { ClientOptions, ClientTarget, DrillClient } from "../../../client/client.ts";
import { NotDoneError } from "../../../client/errors.ts";
import { allConnected } from "../../all-connected.ts";
import type { Family } from "../family.ts";
import { tellOfConnection } from "./connection-events.ts";
import { pinnedTo } from "./pinned.ts";
import { awaitReadyEvent } from "./ready-event.ts";
import { senderOf } from "./send.ts";
import { sentinelOptions } from "./settings.ts";

/**
 * Two connections, both found through Sentinel: one to the primary, one to a replica, if there is any.
 *
 * The library's `failoverDetector` stays off, as it is by default. Every Sentinel announces a failover, the one that
 * led it up to a second after the others: on that, a client that is already well on the new primary is disconnected
 * once more; and an announcement that comes while the client is reconnecting ends it for good (status `end`). Both were
 * seen in drills.
 */
export async function connectSentinel(
  family: Family,
  target: Extract<ClientTarget, { kind: "ha" }>,
  options: ClientOptions,
  deadlineMs: number,
): Promise<DrillClient> {
  const sender = senderOf(family);
  const { send, sendAndWait } = sender;
  const open = (role: "master" | "slave") =>
    new family.Redis({
      ...sentinelOptions(target, options.random),
      role,
      reconnectOnError: (error) => role === "master" && error.message.startsWith("READONLY"), // a demoted primary
    });
  const primary = open("master");
  const replica = target.data.length > 1 ? open("slave") : undefined; // it would look for one for ever
  const both = [primary, ...(replica ? [replica] : [])];
  tellOfConnection(primary, "primary", options.onEvent);
  if (replica) tellOfConnection(replica, "replica", options.onEvent);
  const close = async () => {
    for (const one of both) one.disconnect();
  };
  await allConnected(
    both.map((one) => awaitReadyEvent(one, deadlineMs)),
    close,
  );

  return {
    call: (args, ms, answeredBy) => send(primary, args, ms, answeredBy),
    callReplica: async (args, ms, answeredBy) => {
      if (!replica) throw new NotDoneError(new Error("there is no replica to read from"));
      return send(replica, args, ms, answeredBy);
    },
    callAndWait: (args, wait, ms, answeredBy) => sendAndWait(primary, args, wait, ms, answeredBy),
    pinned: async () => pinnedTo(primary, sender),
    redirects: () => ({ moved: 0, ask: 0 }),
    close,
  };
}
