import type { Setting } from "../application.ts";
import type { ClientLibrary } from "../library.ts";

const DOCS = "https://github.com/redis/node-redis/blob/master/docs";

/** What each connection is given, to a single node as to one of a cluster. */
const CONNECTION: readonly Setting[] = [
  {
    option: "socket.connectTimeout",
    value: 1000,
    why: "A node that does not answer is given up after a second; by default after five.",
    docs: `${DOCS}/client-configuration.md`,
  },
  {
    option: "socket.reconnectStrategy",
    value: (retries: number) => Math.min(retries * 50, 500) + Math.random() * 100,
    shown: "(retries) => Math.min(retries * 50, 500) + Math.random() * 100",
    why: "Tries again about twice a second; by default the wait doubles up to two seconds.",
    docs: `${DOCS}/client-configuration.md#reconnect-strategy`,
  },
];

const within = (prefix: string) =>
  CONNECTION.map((setting) => ({ ...setting, option: `${prefix}.${setting.option}` }));

const TUNED_HA: readonly Setting[] = [
  ...within("nodeClientOptions"),
  {
    option: "sentinelClientOptions.socket.connectTimeout",
    value: 1000,
    why: "A Sentinel on a machine that is gone is given up after a second; by default after five.",
    docs: `${DOCS}/sentinel.md#createsentinel-configuration`,
  },
  {
    option: "scanInterval",
    value: 10_000,
    why:
      "Asks a Sentinel for the primary every ten seconds, should its message have been missed. Its documents " +
      "call this the default; in 6.3.1 it is 0. Each scan holds up all calls, so not more often.",
    docs: `${DOCS}/sentinel.md#createsentinel-configuration`,
  },
];

const TUNED_CLUSTER: readonly Setting[] = [
  ...within("defaults"),
  {
    option: "topologyRefreshOnReconnectionAttemptStrategy",
    value: 500,
    why:
      "Looks at the slot map again half a second after a node was lost, and again at each attempt to connect to " +
      "it; by default after five. Only with a quick reconnectStrategy.",
    docs: `${DOCS}/clustering.md#createcluster-configuration`,
  },
];

/** `default`: as in its README. `tuned`: what survives failovers. */
export const NODE_REDIS_PROFILES: ClientLibrary["profiles"] = {
  // Its samples listen for errors, and its README says that one must.
  default: {
    ha: { settings: [], listensForErrors: true },
    cluster: { settings: [], listensForErrors: true },
    dns: { settings: [], listensForErrors: true },
  },
  tuned: {
    ha: { settings: TUNED_HA, listensForErrors: true },
    cluster: { settings: TUNED_CLUSTER, listensForErrors: true },
    dns: { settings: CONNECTION, listensForErrors: true },
  },
};
