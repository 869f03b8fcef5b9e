import type { RedisClusterOptions, RedisSentinelOptions } from "redis";
import type { Random } from "../../../base/random.ts";
import type { ClientTarget } from "../../../client/client.ts";
import { nodeAccess, sentinelAccess, withAccess } from "../access.ts";
import { singleAttemptOptions, TOPOLOGY_REFRESH_MS } from "./settings.ts";

/** What all clients of drills through Sentinel have in common. */
export function sentinelOptions(
  { sentinels, group, natMap, access }: Extract<ClientTarget, { kind: "ha" }>,
  random: Random,
): RedisSentinelOptions {
  return {
    name: group,
    sentinelRootNodes: sentinels.map(({ host, port }) => ({ host, port })),
    nodeAddressMap: natMap,
    nodeClientOptions: withAccess(nodeAccess(access), singleAttemptOptions(random)),
    sentinelClientOptions: withAccess(sentinelAccess(access), { socket: { connectTimeout: 1000 } }),
  };
}

/** What all clients of drills of a cluster have in common. */
export function clusterOptions(
  { nodes, natMap, access }: Extract<ClientTarget, { kind: "cluster" }>,
  random: Random,
): RedisClusterOptions {
  return {
    rootNodes: nodes.map(({ host, port }) => ({ socket: { host, port } })),
    nodeAddressMap: natMap,
    defaults: withAccess(nodeAccess(access), singleAttemptOptions(random)),
    topologyRefreshOnReconnectionAttemptStrategy: TOPOLOGY_REFRESH_MS,
  };
}
