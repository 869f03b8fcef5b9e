import type { RedisOptions } from "iovalkey";
import type { Random } from "../../base/random.ts";
import { reconnectStrategy } from "../retry.ts";

/** Longest that one reconnection is tried; a drill is over long before. */
const RECONNECT_TOTAL_MS = 120_000;

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

/** 20 ms at first, 250 ms at most. */
export function quickReconnect(random: Random): (times: number) => number | null {
  return reconnectStrategy({ initialMs: 20, maxMs: 250, totalMs: RECONNECT_TOTAL_MS, random });
}
