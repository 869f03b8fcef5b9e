import type { RedisOptions } from "iovalkey";
import type { Random } from "../../../base/random.ts";
import type { ClientLibrary } from "../../library.ts";
import { quickReconnect, RECONNECT } from "../../quick-reconnect.ts";

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
