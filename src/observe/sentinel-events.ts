import { Valkey } from "iovalkey";
import { accessOf, type NodeAccess } from "../model/access.ts";
import type { TopologyEvent } from "../model/event.ts";
import type { NodePlan, Plan } from "../model/plan.ts";

import { tlsOptions } from "../valkey/admin.ts";

const RECONNECT_MS = 100;

/**
 * Listens to every Sentinel's own events (`PSUBSCRIBE *`). One that is killed is listened to again when it is back.
 * https://valkey.io/topics/sentinel/#pubsub-messages
 */
export async function watchSentinels(
  plan: Plan,
  record: (event: Omit<TopologyEvent, "type" | "at">) => void,
): Promise<{ close(): void }> {
  const sentinels = plan.nodes.filter((node) => node.role === "sentinel");
  const clients = await Promise.all(sentinels.map((node) => listen(node, accessOf(plan, node), record)));
  return {
    close: () => {
      for (const client of clients) client.disconnect();
    },
  };
}

async function listen(
  node: NodePlan,
  { tls, login }: NodeAccess,
  record: (event: Omit<TopologyEvent, "type" | "at">) => void,
): Promise<Valkey> {
  const client = new Valkey({
    host: node.endpoint.host,
    port: node.endpoint.port,
    enableReadyCheck: false,
    retryStrategy: () => RECONNECT_MS,
    maxRetriesPerRequest: null,
    ...(tls && { tls: tlsOptions(tls) }),
    ...(login && { username: login.user, password: login.password }),
  });
  client.on("error", () => {}); // a killed Sentinel is part of a drill; its silence shows in the history
  client.on("pmessage", (_pattern, channel, message) => {
    record({ source: node.name, event: "sentinel", detail: `${channel} ${message}` });
  });
  await client.psubscribe("*");
  return client;
}
