import type { Setting } from "../application.ts";
import { familyProfiles } from "../ioredis-family/profiles.ts";

const README = "https://github.com/redis/ioredis";

const TUNED_HA: readonly Setting[] = [
  {
    option: "retryStrategy",
    value: (times: number) => Math.min(times * 50, 500) + Math.random() * 100,
    shown: "(times) => Math.min(times * 50, 500) + Math.random() * 100",
    why: "Asks the Sentinels for the primary about twice a second; by default the wait doubles up to five seconds.",
    docs: `${README}#auto-reconnect`,
  },
  {
    option: "maxRetriesPerRequest",
    value: 50,
    why: "With the quicker reconnection a call waits for about 25 s and not for ever: longer than a failover takes.",
    docs: `${README}#auto-reconnect`,
  },
  {
    option: "reconnectOnError",
    value: (error: Error) => (error.message.startsWith("READONLY") ? 2 : false),
    shown: '(error) => (error.message.startsWith("READONLY") ? 2 : false)',
    why: "A primary that was demoted refuses writes: the Sentinels are asked anew, and the refused call is sent again.",
    docs: `${README}#reconnect-on-error`,
  },
  {
    option: "sentinelCommandTimeout",
    value: 1000,
    why:
      "A Sentinel that does not answer is given up after a second, and the next one is asked; by default it is " +
      "waited for.",
    docs: "https://redis.github.io/ioredis/interfaces/SentinelConnectionOptions.html#sentinelCommandTimeout",
  },
];

/** `default`: as in its README. `tuned`: what survives failovers. */
export const IOREDIS_PROFILES = familyProfiles({
  readme: README,
  socketTimeout: {
    why:
      "A connection that owes an answer and sends nothing for two seconds is dropped; by default calls to a " +
      "frozen primary wait until it wakes, or for ever. A blocking command needs a connection with a longer one.",
    docs: "https://redis.github.io/ioredis/interfaces/CommonRedisOptions.html#socketTimeout",
  },
  ha: TUNED_HA,
});
