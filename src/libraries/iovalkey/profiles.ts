import type { Setting } from "../application.ts";
import { familyProfiles } from "../ioredis-family/profiles.ts";

const README = "https://github.com/valkey-io/iovalkey";

const TUNED_HA: readonly Setting[] = [
  {
    option: "retryStrategy",
    value: (times: number) => Math.min(times * 50, 500),
    shown: "(times) => Math.min(times * 50, 500)",
    why: "Asks the Sentinels at least twice a second; by default the wait grows to two seconds.",
    docs: `${README}#auto-reconnect`,
  },
  {
    option: "reconnectOnError",
    value: (error: Error) => (error.message.startsWith("READONLY") ? 2 : false),
    shown: '(error) => error.message.startsWith("READONLY") ? 2 : false',
    why: "A primary that was demoted refuses writes: the Sentinels are asked anew, and the call is sent again.",
    docs: `${README}#reconnect-on-error`,
  },
  {
    option: "maxRetriesPerRequest",
    value: 50,
    why: "Calls wait for longer than a failover takes, and not for ever.",
    docs: `${README}#auto-reconnect`,
  },
];

/** `default`: as in its README. `tuned`: what survives failovers. */
export const IOVALKEY_PROFILES = familyProfiles({
  readme: README,
  socketTimeout: {
    why:
      "A connection on which nothing comes back for two seconds is dropped: without it, calls to a frozen " +
      "primary hang until it wakes.",
    docs: "https://github.com/redis/ioredis/pull/1882",
  },
  ha: TUNED_HA,
});
