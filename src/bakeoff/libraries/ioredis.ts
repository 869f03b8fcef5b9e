import { loadFamily } from "../../client/ioredis-family/family.ts";
import { openFamily } from "./ioredis-family.ts";
import type { Library, Setting } from "./library.ts";

const README = "https://github.com/redis/ioredis";
const API = "https://redis.github.io/ioredis/interfaces/CommonRedisOptions.html";

/** What each connection is given, to a single node as to one of a cluster. */
const CONNECTION: readonly Setting[] = [
  {
    option: "connectTimeout",
    value: 1000,
    why: "A node that does not answer is given up after a second; by default after ten.",
    docs: `${API}#connectTimeout`,
  },
  {
    option: "socketTimeout",
    value: 2000,
    why: "A connection that owes an answer and sends nothing for two seconds is dropped; by default calls to a frozen primary wait until it wakes, or for ever. A blocking command needs a connection with a longer one.",
    docs: `${API}#socketTimeout`,
  },
];

const TUNED_HA: readonly Setting[] = [
  ...CONNECTION,
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
    why: "A Sentinel that does not answer is given up after a second, and the next one is asked; by default it is waited for.",
    docs: "https://redis.github.io/ioredis/interfaces/SentinelConnectionOptions.html#sentinelCommandTimeout",
  },
];

/** One name of the primary, and no Sentinel. */
const TUNED_DNS: readonly Setting[] = [
  ...CONNECTION,
  {
    option: "retryStrategy",
    value: (times: number) => Math.min(times * 50, 500) + Math.random() * 100,
    shown: "(times) => Math.min(times * 50, 500) + Math.random() * 100",
    why: "Tries to connect at least twice a second, and asks for the name's address each time.",
    docs: `${README}#auto-reconnect`,
  },
  {
    option: "reconnectOnError",
    value: (error: Error) => (error.message.startsWith("READONLY") ? 2 : false),
    shown: '(error) => (error.message.startsWith("READONLY") ? 2 : false)',
    why: "The name leads to the old primary until it is changed, and that may be back as a replica: the connection is given up, the name asked for anew, and the refused call sent again. Without it the client stays with the replica for ever.",
    docs: `${README}#reconnect-on-error`,
  },
  {
    option: "maxRetriesPerRequest",
    value: 50,
    why: "A call waits for longer than a failover and a change of the name take, and not for ever.",
    docs: `${README}#auto-reconnect`,
  },
];

const TUNED_CLUSTER: readonly Setting[] = [
  ...CONNECTION.map((setting) => ({ ...setting, option: `redisOptions.${setting.option}` })),
  {
    option: "slotsRefreshInterval",
    value: 1000,
    why: "Looks at the slot map once a second; by default only after an error.",
    docs: `${README}#cluster`,
  },
  {
    option: "maxRedirections",
    value: 100,
    why: "A call is tried again for as long as a failover takes: 16 times 100 ms, the default, is shorter.",
    docs: `${README}#cluster`,
  },
];

export const ioredis: Library = {
  name: "ioredis",
  packageName: "ioredis",
  summary: "Sentinel and Cluster; the library that most others grew from",
  supports: { ha: true, cluster: true, dns: true },
  profiles: {
    default: {
      ha: { settings: [], listensForErrors: false },
      cluster: { settings: [], listensForErrors: false },
      dns: { settings: [], listensForErrors: false },
    },
    tuned: {
      ha: { settings: TUNED_HA, listensForErrors: true },
      cluster: { settings: TUNED_CLUSTER, listensForErrors: true },
      dns: { settings: TUNED_DNS, listensForErrors: true },
    },
  },
  open: async (given) => openFamily(await loadFamily("ioredis"), given),
};
