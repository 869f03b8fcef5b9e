import type { RedisClientOptions } from "redis";
import type { Random } from "../../../base/random.ts";
import type { ClientLibrary } from "../../library.ts";
import { quickReconnect } from "../../quick-reconnect.ts";

/** A connection that is not there fails a call at once, and is made again without being a stampede. */
export function singleAttemptOptions(
  random: Random,
): Pick<RedisClientOptions, "disableOfflineQueue" | "socket"> {
  const wait = quickReconnect(random);
  return {
    disableOfflineQueue: true, // a call without a connection fails at once, and surely was not sent
    socket: { connectTimeout: 1000, reconnectStrategy: (retries) => wait(retries + 1) ?? false },
  };
}

/** How soon after a node was lost the slot map is looked at, and again at each attempt to reach that node. */
export const TOPOLOGY_REFRESH_MS = 250;

/**
 * What decides how soon a client of ours finds a new primary. Between two looks at the Sentinels it always waits a
 * second.
 */
export const RECOVERY: ClientLibrary["recovery"] = {
  ha: { setting: "maxCommandRediscovers", value: "16, 1000 ms apart" },
  cluster: { setting: "topologyRefreshOnReconnectionAttemptStrategy", value: `${TOPOLOGY_REFRESH_MS} ms` },
};
