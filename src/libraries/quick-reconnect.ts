import type { Random } from "../base/random.ts";
import { reconnectStrategy } from "../client/retry.ts";

/** Longest that one reconnection is tried; a drill is over long before. */
const TOTAL_MS = 120_000;

/** Waits of a client under test between two attempts to connect: quick, without being a stampede. */
export const RECONNECT = { initialMs: 20, maxMs: 250 } as const;

/** The wait before attempt `times` (from 1): 20 ms at first, 250 ms at most, with jitter. */
export function quickReconnect(random: Random): (times: number) => number | null {
  return reconnectStrategy({ ...RECONNECT, totalMs: TOTAL_MS, random });
}
