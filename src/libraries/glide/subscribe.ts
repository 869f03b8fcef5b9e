import type { ClientOptions, SubscribeOptions, Subscription } from "../../client/client.ts";
import { withDeadline } from "../../client/deadline.ts";
import { baseOptions } from "./one-attempt.ts";

type Package = typeof import("@valkey/valkey-glide");

/** A subscriber as the library keeps it up: it holds what is subscribed against what should be, again and again. */
export async function subscribeGlide(
  package_: Package,
  { target }: ClientOptions,
  { channels, sharded, onMessage }: SubscribeOptions,
  deadlineMs: number,
): Promise<Subscription> {
  if (target.kind !== "cluster") throw new TypeError("not a cluster");
  package_.Logger.setLoggerConfig("off"); // it writes to standard output, which is the tool's own
  const opening = package_.GlideClusterClient.createClient({
    ...baseOptions(target),
    pubsubSubscriptions: {
      channelsAndPatterns: {},
      callback: ({ channel, message }) => onMessage(String(channel), String(message)),
    },
  });
  const close = async () => void opening.then((client) => client.close()).catch(() => {}); // one that failed is none
  try {
    const client = await withDeadline(opening, deadlineMs);
    const all = new Set(channels);
    await withDeadline(
      sharded ? client.ssubscribe(all, deadlineMs) : client.subscribe(all, deadlineMs),
      deadlineMs,
    );
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}
