import type { Cluster, Valkey } from "iovalkey";
import { pause } from "../../../base/wait.ts";
import type { ClientOptions, ClientTarget, SubscribeOptions, Subscription } from "../../../client/client.ts";
import { withDeadline } from "../../../client/deadline.ts";
import { messageOf } from "../../../model/errors.ts";
import type { Family } from "../family.ts";
import { shutDown } from "../shut-down.ts";
import { awaitReadyEvent } from "./ready-event.ts";
import { clusterOptions, sentinelOptions } from "./settings.ts";

/**
 * A subscriber as the library keeps it up: `autoResubscribe`, on by default, subscribes anew after each reconnection.
 * In a cluster it listens at any node, or, for sharded channels, at the primaries (`shardedSubscribers`).
 */
export async function subscribeFamily(
  family: Family,
  { target, random }: ClientOptions,
  { channels, sharded, onMessage }: SubscribeOptions,
  deadlineMs: number,
): Promise<Subscription> {
  const client =
    target.kind === "ha"
      ? new family.Redis({ ...sentinelOptions(target, random), role: "master" })
      : cluster(family, target, random, sharded);
  client.on(sharded ? "smessage" : "message", onMessage);
  try {
    await awaitReadyEvent(client, deadlineMs);
    // one at a time: sharded channels of several slots are at several nodes
    for (const channel of channels)
      await (sharded
        ? subscribeSharded(client, channel, deadlineMs)
        : withDeadline(client.subscribe(channel), deadlineMs));
  } catch (error) {
    shutDown(client);
    throw error;
  }
  return { close: async () => shutDown(client) };
}

/** The library says that it is ready before it knows by which connections it subscribes, and refuses until then. */
async function subscribeSharded(
  client: Valkey | Cluster,
  channel: string,
  deadlineMs: number,
): Promise<void> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    try {
      await withDeadline(client.ssubscribe(channel), deadlineMs);
      return;
    } catch (error) {
      if (!NOT_THERE_YET.test(messageOf(error)) || performance.now() > until) throw error;
      await pause(AGAIN_MS);
    }
  }
}

const NOT_THERE_YET = /^No sharded subscriber for slot/;
const AGAIN_MS = 20;

function cluster(
  family: Family,
  target: Extract<ClientTarget, { kind: "cluster" }>,
  random: ClientOptions["random"],
  sharded: boolean,
) {
  const nodes = target.nodes.map(({ host, port }) => ({ host, port }));
  const own = sharded ? { shardedSubscribers: true } : {}; // only the member that can has the option
  return new family.Cluster(nodes, { ...clusterOptions(family, target, random), ...own });
}
