import type { ClusterOptions, RedisOptions } from "iovalkey";
import type { Random } from "../../../base/random.ts";
import type { ClientTarget } from "../../../client/client.ts";
import type { ClientLibrary } from "../../library.ts";
import { quickReconnect, RECONNECT } from "../../quick-reconnect.ts";
import { familyAccess, familyNodeAccess } from "../access.ts";
import type { Family } from "../family.ts";

/** One attempt a call, and a reconnection that is quick without being a stampede. */
export function singleAttemptOptions(random: Random): RedisOptions {
  return {
    enableOfflineQueue: false, // a call without a connection fails at once, and surely was not sent
    autoResendUnfulfilledCommands: false, // a lost answer is a lost answer
    maxRetriesPerRequest: 0, // what was in flight when the connection broke is told so at once
    connectTimeout: 1000,
    retryStrategy: quickReconnect(random),
  };
}

/** The same of a connection that Sentinels name. */
export function sentinelOptions(target: Extract<ClientTarget, { kind: "ha" }>, random: Random): RedisOptions {
  return {
    ...singleAttemptOptions(random),
    ...familyAccess(target.access),
    sentinels: target.sentinels.map(({ host, port }) => ({ host, port })),
    name: target.group,
    natMap: target.natMap,
    sentinelRetryStrategy: quickReconnect(random), // ask the next Sentinel, again and again
    sentinelCommandTimeout: 1000,
  };
}

/** The same of a cluster client. */
export function clusterOptions(
  { connectsAtOnce }: Pick<Family, "connectsAtOnce">,
  target: Extract<ClientTarget, { kind: "cluster" }>,
  random: Random,
): ClusterOptions {
  return {
    natMap: target.natMap,
    enableOfflineQueue: false,
    redisOptions: {
      ...singleAttemptOptions(random),
      ...familyNodeAccess(target.access),
      lazyConnect: !connectsAtOnce,
    },
    clusterRetryStrategy: quickReconnect(random),
    retryDelayOnFailover: 0, // 0 turns the library's resends off; redirects are followed all the same
    retryDelayOnClusterDown: 0,
    retryDelayOnTryAgain: 0,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    slotsRefreshTimeout: 1000,
  };
}

/** How often a cluster client looks at the slot map again; with resends off, no failed call triggers it. */
export const SLOTS_REFRESH_MS = 250;

/** What decides how soon a client of ours finds a new primary. */
export const RECOVERY: ClientLibrary["recovery"] = {
  ha: {
    setting: "retryStrategy",
    value: `${RECONNECT.initialMs}–${RECONNECT.maxMs} ms`,
  },
  cluster: { setting: "slotsRefreshInterval", value: `${SLOTS_REFRESH_MS} ms` },
};
