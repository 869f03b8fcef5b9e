import type { RedisClientType, RedisClusterType, RedisScripts, RedisSentinelType } from "redis";
import type { Reply } from "../../valkey/admin.ts";
import {
  type AppClient,
  type AppClientPool,
  type Hooks,
  type OpenOptions,
  POOL_CONNECTION,
} from "../application.ts";
import { asReply } from "../replies.ts";
import { sideBySide } from "../side-by-side.ts";
import { clusterOptions, sentinelOptions, singleOptions, type Use } from "./application-options.ts";

type Package = typeof import("redis");
type Command = readonly string[];

/*
 *   AppClient ─▶ Client (one interface for what differs) ─▶ createSentinel │ createCluster │ createClient
 */

/** Resolves when the library has connected, as its samples wait for it. */
export async function openNodeRedis(package_: Package, given: OpenOptions): Promise<AppClient> {
  const open = (use: Use = {}) => connect(package_, given, use);
  const main = await open();
  const others = new Map<string, Promise<Client>>();
  const other = (name: string, use: Use = {}): Promise<Client> => {
    const client = others.get(name) ?? open(use);
    others.set(name, client);
    return client;
  };
  const readReplica: AppClient["readReplica"] = async (command) =>
    (await other("replica", { replica: true })).send(command, true);
  const pools: { destroy(): void }[] = [];
  return {
    call: (command) => main.send(command),
    ...(given.target.kind !== "dns" && { readReplica }),
    pipeline: (commands) => main.queue(commands, "pipeline"),
    transaction: async (commands) => {
      const replies = await main.queue(commands, "transaction");
      for (const reply of replies) if (reply instanceof Error) throw reply;
      return replies as Reply[];
    },
    blockingPop: async (key, timeoutSeconds) => {
      const client = await other(`block:${timeoutSeconds}`, { blockMs: timeoutSeconds * 1000 });
      return client.blockingPop(key, timeoutSeconds);
    },
    // The library subscribes over a connection of its own.
    subscribe: (channel, onMessage) => main.subscribe(channel, onMessage),
    script: async (source, keys, args) => {
      const client = await other(`script:${source}`, { script: source });
      return client.runScript(keys, args);
    },
    pool: async (size) => {
      const use = { name: POOL_CONNECTION };
      if (given.target.kind === "ha") {
        const { pool } = await other("pool", { ...use, poolSize: size });
        if (pool) return pool(size);
      }
      if (given.target.kind === "dns") {
        const pool = poolOf(package_, given, size);
        pools.push(pool);
        return pool;
      }
      // It has none: https://github.com/redis/node-redis/issues/2928; `createClientPool` knows one node, and no
      // cluster.
      const names = Array.from({ length: size }, (_, place) => `pool:${place}`);
      const clients = await Promise.all(names.map((name) => other(name, use)));
      return sideBySide(clients, (client, command) => client.send(command));
    },
    close: async () => {
      for (const pool of pools) pool.destroy();
      const opened = await Promise.allSettled([main, ...others.values()]);
      await Promise.all(opened.map((each) => each.status === "fulfilled" && each.value.close()));
    },
  };
}

/** A pool of clients of one node, which each reconnect by themselves. */
function poolOf(package_: Package, given: OpenOptions, size: number): AppClientPool & { destroy(): void } {
  const options = singleOptions(given, { name: POOL_CONNECTION }, undefined);
  const pool = package_.createClientPool(options, { minimum: size, maximum: size });
  if (given.listensForErrors) pool.on("error", (error) => given.hooks.error(error));
  const connected = pool.connect();
  return {
    how: `its own, createClientPool with ${size} clients`,
    use: async (command) => {
      await connected;
      return pool.execute((client) => overOne((each) => client.sendCommand([...each]), command));
    },
    destroy: () => pool.destroy(),
  };
}

/** One command, and which connection that was. */
async function overOne(send: (command: Command) => Promise<unknown>, command: Command): Promise<string> {
  const [id] = await Promise.all([send(["CLIENT", "ID"]), send(command)]);
  return `connection ${id}`;
}

interface Client {
  send(command: Command, readOnly?: boolean): Promise<Reply>;
  queue(commands: readonly Command[], as: "pipeline" | "transaction"): Promise<(Reply | Error)[]>;
  blockingPop(key: string, timeoutSeconds: number): Promise<string | null>;
  subscribe(channel: string, onMessage: (message: string) => void): Promise<void>;
  runScript(keys: Command, args: Command): Promise<Reply>;
  /** Its own, of so many connections, where it has one. */
  pool?(size: number): AppClientPool;
  close(): Promise<void>;
}

async function connect(package_: Package, given: OpenOptions, use: Use): Promise<Client> {
  const scripts = use.script === undefined ? undefined : scriptsOf(package_, use.script);
  if (given.target.kind === "ha") {
    const sentinel = package_.createSentinel(sentinelOptions(given, use, scripts)) as unknown as Sentinel;
    listenToSentinel(sentinel, given);
    await sentinel.connect();
    return ofSentinel(sentinel);
  }
  if (given.target.kind === "dns") {
    const client = package_.createClient(singleOptions(given, use, scripts)) as unknown as Single;
    listenToSingle(client, given);
    await client.connect();
    return ofSingle(client);
  }
  const cluster = package_.createCluster(clusterOptions(given, use, scripts)) as unknown as Cluster;
  listenToCluster(cluster, given);
  await cluster.connect();
  return ofCluster(cluster);
}

type Sentinel = RedisSentinelType;
type Cluster = RedisClusterType;
type Single = RedisClientType;

function ofSentinel(sentinel: Sentinel): Client {
  return {
    send: async (command, readOnly = false) => asReply(await sentinel.sendCommand(readOnly, [...command])),
    queue: async (commands, as) => {
      const multi = sentinel.multi();
      for (const command of commands) multi.sendCommand([...command], { isReadonly: false });
      return await executed(as === "pipeline" ? multi.execAsPipeline() : multi.exec());
    },
    blockingPop: async (key, timeoutSeconds) => popped(await sentinel.blPop(key, timeoutSeconds)),
    subscribe: (channel, onMessage) => sentinel.subscribe(channel, onMessage),
    runScript: async (keys, args) => asReply(await running(sentinel).run(keys, args)),
    pool: (size) => ({
      how: `its own, masterPoolSize: ${size}, and use()`,
      use: (command) =>
        sentinel.use((leased) => overOne((each) => leased.sendCommand(false, [...each]), command)),
    }),
    close: () => sentinel.destroy(),
  };
}

function ofCluster(cluster: Cluster): Client {
  return {
    send: async (command, readOnly = false) =>
      asReply(await cluster.sendCommand(command[1], readOnly, [...command])),
    queue: async (commands, as) => {
      const multi = cluster.multi(commands[0]?.[1]);
      for (const command of commands) multi.addCommand(command[1], false, [...command]);
      return await executed(as === "pipeline" ? multi.execAsPipeline() : multi.exec());
    },
    blockingPop: async (key, timeoutSeconds) => popped(await cluster.blPop(key, timeoutSeconds)),
    subscribe: (channel, onMessage) => cluster.subscribe(channel, onMessage),
    runScript: async (keys, args) => asReply(await running(cluster).run(keys, args)),
    close: async () => cluster.destroy(),
  };
}

function ofSingle(client: Single): Client {
  let subscriber: Promise<Single> | undefined;
  return {
    send: async (command) => asReply(await client.sendCommand([...command])),
    queue: async (commands, as) => {
      const multi = client.multi();
      for (const command of commands) multi.addCommand([...command]);
      return await executed(as === "pipeline" ? multi.execAsPipeline() : multi.exec());
    },
    blockingPop: async (key, timeoutSeconds) => popped(await client.blPop(key, timeoutSeconds)),
    // A connection that subscribes is good for nothing else, say its documents: it is a duplicate.
    subscribe: async (channel, onMessage) => {
      subscriber ??= client
        .duplicate()
        .on("error", () => {})
        .connect() as Promise<Single>;
      await (await subscriber).subscribe(channel, onMessage);
    },
    runScript: async (keys, args) => asReply(await running(client).run(keys, args)),
    close: async () => {
      client.destroy();
      (await subscriber?.catch(() => undefined))?.destroy();
    },
  };
}

/** An error in one of the replies rejects the whole, with the others in it. */
async function executed(replies: Promise<readonly unknown[]>): Promise<(Reply | Error)[]> {
  try {
    return (await replies).map(asReply);
  } catch (error) {
    const { replies: each } = error as { replies?: readonly unknown[] };
    if (!Array.isArray(each)) throw error;
    return each.map((reply) => (reply instanceof Error ? reply : asReply(reply)));
  }
}

const popped = (reply: { element: unknown } | null) => (reply ? String(asReply(reply.element)) : null);

/** The method that `scriptsOf` has added. */
const running = (client: object) => client as { run(keys: Command, args: Command): Promise<unknown> };

function scriptsOf({ defineScript }: Package, source: string): RedisScripts {
  return {
    run: defineScript({
      SCRIPT: source,
      parseCommand: (parser, keys: string[], args: string[]) => {
        parser.push(String(keys.length));
        parser.pushKeys(keys);
        parser.push(...args);
      },
      transformReply: undefined as never,
    }),
  };
}

function listenToSentinel(sentinel: Sentinel, { hooks, listensForErrors }: OpenOptions): void {
  sentinel.on("ready", () => hooks.connection({ event: "ready" }));
  sentinel.on("reconnecting", () => hooks.connection({ event: "reconnecting" }));
  sentinel.on("topology-change", ({ type, node }: { type: string; node?: Address }) => {
    if (type === "MASTER_CHANGE") hooks.connection({ event: "rerouted", address: addressOf(node) });
  });
  if (listensForErrors) sentinel.on("error", (error) => hooks.error(error));
}

function listenToSingle(client: Single, { hooks, listensForErrors }: OpenOptions): void {
  client.on("ready", () => hooks.connection({ event: "ready" }));
  client.on("reconnecting", () => hooks.connection({ event: "reconnecting" }));
  if (listensForErrors) client.on("error", (error) => hooks.error(error));
}

interface Address {
  readonly host: string;
  readonly port: number;
}

const addressOf = (node: Address | undefined) => node && `${node.host}:${node.port}`;

const CLUSTER_EVENTS = {
  "node-ready": "ready",
  "node-disconnect": "lost",
  "node-reconnecting": "reconnecting",
} as const;

function listenToCluster(cluster: Cluster, { hooks, listensForErrors }: OpenOptions): void {
  for (const [name, event] of Object.entries(CLUSTER_EVENTS) as [string, Event][])
    cluster.on(name, (node?: Address) => hooks.connection({ event, address: addressOf(node) }));
  if (listensForErrors) cluster.on("error", (error) => hooks.error(error));
}

type Event = Parameters<Hooks["connection"]>[0]["event"];
