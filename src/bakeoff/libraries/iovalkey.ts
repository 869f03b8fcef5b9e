import type { Cluster, ClusterOptions, RedisOptions, Valkey } from "iovalkey";
import type { Reply } from "../../valkey/admin.ts";
import type { Contender, Hooks, Library, OpenOptions, Setting } from "./library.ts";
import { importPackage } from "./packages.ts";

type Package = Pick<typeof import("iovalkey"), "Valkey" | "Cluster">;
type Client = Valkey | Cluster;

const README = "https://github.com/valkey-io/iovalkey";

/** What each connection is given, to a single node as to one of a cluster. */
const CONNECTION: readonly Setting[] = [
  {
    option: "connectTimeout",
    value: 1000,
    why: "A node that does not answer is given up after a second; by default after ten.",
    docs: "https://redis.github.io/ioredis/interfaces/CommonRedisOptions.html#connectTimeout",
  },
  {
    option: "socketTimeout",
    value: 2000,
    why: "A connection on which nothing comes back for two seconds is dropped: without it, calls to a frozen primary hang until it wakes.",
    docs: "https://github.com/redis/ioredis/pull/1882",
  },
];

const TUNED_HA: readonly Setting[] = [
  ...CONNECTION,
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

export const iovalkey: Library = {
  name: "iovalkey",
  packageName: "iovalkey",
  summary: "a fork of ioredis 5; Sentinel and Cluster",
  supports: { ha: true, cluster: true },
  profiles: {
    default: {
      ha: { settings: [], listensForErrors: false },
      cluster: { settings: [], listensForErrors: false },
    },
    tuned: {
      ha: { settings: TUNED_HA, listensForErrors: true },
      cluster: { settings: TUNED_CLUSTER, listensForErrors: true },
    },
  },
  open: async (given) => {
    const package_ = await importPackage("iovalkey", () => import("iovalkey"));
    return contender(() => client(package_, given));
  },
};

function client(
  { Valkey, Cluster }: Package,
  { target, options, listensForErrors, password, hooks }: OpenOptions,
): Client {
  const made =
    target.kind === "ha"
      ? new Valkey({
          sentinels: addresses(target.sentinels),
          name: target.group,
          natMap: target.natMap,
          ...(password !== undefined && { password }),
          ...(options as RedisOptions),
        })
      : new Cluster(addresses(target.nodes), {
          natMap: target.natMap,
          ...clusterOptions(options as ClusterOptions, password),
        });
  listen(made, listensForErrors, hooks);
  return made;
}

const addresses = (all: readonly { host: string; port: number }[]) =>
  all.map(({ host, port }) => ({ host, port }));

function clusterOptions(options: ClusterOptions, password: string | undefined): ClusterOptions {
  if (password === undefined) return options;
  return { ...options, redisOptions: { password, ...options.redisOptions } };
}

function listen(made: Client, listensForErrors: boolean, hooks: Hooks): void {
  made.on("ready", () => hooks.connection({ event: "ready" }));
  made.on("close", () => hooks.connection({ event: "lost" }));
  made.on("reconnecting", () => hooks.connection({ event: "reconnecting" }));
  if (listensForErrors) made.on("error", (error) => hooks.error(error));
}

/** @param open makes another client like the first: blocking commands and subscriptions need connections of their own */
function contender(open: () => Client): Contender {
  const main = open();
  const others = new Map<string, Client>();
  const other = (use: string): Client => {
    const made = others.get(use) ?? open();
    others.set(use, made);
    return made;
  };
  const scripts = new Map<string, string>();
  return {
    // The library finds a command's key, and so its slot, only by the lower-case name.
    call: ([name = "", ...rest]) => main.call(name.toLowerCase(), ...rest) as Promise<Reply>,
    pipeline: async (commands) => {
      const pipeline = main.pipeline();
      for (const [name = "", ...rest] of commands) pipeline.call(name.toLowerCase(), ...rest);
      const replies = (await pipeline.exec()) ?? [];
      return replies.map(([error, reply]) => error ?? (reply as Reply));
    },
    transaction: async (commands) => {
      const multi = main.multi();
      for (const [name = "", ...rest] of commands) multi.call(name.toLowerCase(), ...rest);
      const replies = (await multi.exec()) ?? [];
      return replies.map(([error, reply]) => {
        if (error) throw error;
        return reply as Reply;
      });
    },
    blockingPop: async (key, timeoutSeconds) => {
      const popped = await other("blocking").blpop(key, timeoutSeconds);
      return popped?.[1] ?? null;
    },
    subscribe: async (channel, onMessage) => {
      const subscriber = other("subscriber");
      subscriber.on("message", (from: string, message: string) => {
        if (from === channel) onMessage(message);
      });
      await subscriber.subscribe(channel);
    },
    script: (source, keys, args) => {
      const name = scripts.get(source) ?? `script${scripts.size}`;
      if (!scripts.has(source)) {
        scripts.set(source, name);
        main.defineCommand(name, { lua: source });
      }
      const run = (main as unknown as Record<string, (...given: unknown[]) => Promise<Reply>>)[name];
      return (run as NonNullable<typeof run>).call(main, keys.length, ...keys, ...args);
    },
    close: async () => {
      for (const each of [main, ...others.values()]) each.disconnect();
    },
  };
}
