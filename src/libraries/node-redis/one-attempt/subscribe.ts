import type { ClientOptions, SubscribeOptions, Subscription } from "../../../client/client.ts";
import { withDeadline } from "../../../client/deadline.ts";
import { clusterOptions, sentinelOptions } from "./options.ts";
import { awaitConnected } from "./ready.ts";

type Package = typeof import("redis");
type Listener = (message: string, channel: string) => void;

/** What its clients for Sentinel and for a cluster have in common. */
interface Subscriber {
  connect(): Promise<unknown>;
  on(event: "error", listener: (error: unknown) => void): unknown;
  subscribe(channel: string, listener: Listener): Promise<unknown>;
  sSubscribe(channel: string, listener: Listener): Promise<unknown>;
  destroy(): unknown;
}

/** A subscriber as the library keeps it up: it subscribes anew, by itself, at whichever node it chooses next. */
export async function subscribeNodeRedis(
  { createSentinel, createCluster }: Package,
  { target, random }: ClientOptions,
  { channels, sharded, onMessage }: SubscribeOptions,
  deadlineMs: number,
): Promise<Subscription> {
  const client = (target.kind === "ha"
    ? createSentinel(sentinelOptions(target, random))
    : createCluster(clusterOptions(target, random))) as unknown as Subscriber;
  // It waits for an attempt to connect that is under way, which may last for a second.
  const close = async () => void Promise.resolve(client.destroy()).catch(() => {});
  const listener: Listener = (message, channel) => onMessage(channel, message);
  try {
    await awaitConnected(client, deadlineMs);
    // one at a time: sharded channels of several slots are at several nodes
    for (const channel of channels) {
      const subscribing = sharded
        ? client.sSubscribe(channel, listener)
        : client.subscribe(channel, listener);
      await withDeadline(subscribing, deadlineMs);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}
