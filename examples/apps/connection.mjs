// How the applications of this folder reach their servers, by what valkey-drill puts into the environment.
import { Cluster, Redis } from "ioredis";

const { REDIS_SENTINELS, REDIS_SENTINEL_MASTER_NAME, REDIS_CLUSTER_NODES } = process.env;

/** A connection that owes an answer for so long is dropped. 0: never, which is ioredis' default. */
const SOCKET_TIMEOUT_MS = Number(process.env.REDIS_SOCKET_TIMEOUT_MS ?? 1000);

/** Settings that survive a failover: docs/clients.md tells what each of them does. */
const SETTINGS = {
  connectTimeout: 1000,
  ...(SOCKET_TIMEOUT_MS > 0 && { socketTimeout: SOCKET_TIMEOUT_MS }),
  retryStrategy: (times) => Math.min(times * 50, 500),
  maxRetriesPerRequest: 50,
  reconnectOnError: (error) => (error.message.startsWith("READONLY") ? 2 : false),
};

/** `shardedSubscribers`: without it `ssubscribe` asks any node, which refuses. */
const OF_A_CLUSTER = { maxRedirections: 100, slotsRefreshInterval: 1000, shardedSubscribers: true };

/** A client of ioredis; `options` go over the settings above. */
export function connect(options = {}) {
  const redisOptions = { ...SETTINGS, ...options };
  const client = REDIS_CLUSTER_NODES
    ? new Cluster(addresses(REDIS_CLUSTER_NODES), { ...OF_A_CLUSTER, redisOptions })
    : new Redis({
        sentinels: addresses(REDIS_SENTINELS),
        name: REDIS_SENTINEL_MASTER_NAME,
        sentinelCommandTimeout: 1000,
        ...redisOptions,
      });
  client.on("error", (error) => console.error(error.message));
  return client;
}

/** `127.0.0.1:7000,127.0.0.1:7001` */
function addresses(text) {
  return text.split(",").map((address) => {
    const [host, port] = address.split(":");
    return { host, port: Number(port) };
  });
}
