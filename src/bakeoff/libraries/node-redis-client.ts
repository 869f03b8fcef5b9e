import type {
  RedisClientOptions,
  RedisClientType,
  RedisClusterOptions,
  RedisClusterType,
  RedisScripts,
  RedisSentinelOptions,
  RedisSentinelType,
} from "redis";
import { asReply } from "../../client/replies.ts";
import type { Reply } from "../../valkey/admin.ts";
import type { Contender, Hooks, OpenOptions } from "./library.ts";

type Package = typeof import("redis");
type Command = readonly string[];

/*
 *   Contender ─▶ Client (one interface for what differs) ─▶ createSentinel │ createCluster │ createClient
 */

/** Resolves when the library has connected, as its samples wait for it. */
export async function openNodeRedis(package_: Package, given: OpenOptions): Promise<Contender> {
  const open = (use: Use = {}) => connect(package_, given, use);
  const main = await open();
  const others = new Map<string, Promise<Client>>();
  const other = (name: string, use: Use = {}): Promise<Client> => {
    const client = others.get(name) ?? open(use);
    others.set(name, client);
    return client;
  };
  const readReplica: Contender["readReplica"] = async (command) =>
    (await other("replica", { replica: true })).send(command, true);
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
    close: async () => {
      const opened = await Promise.allSettled([main, ...others.values()]);
      await Promise.all(opened.map((each) => each.status === "fulfilled" && each.value.close()));
    },
  };
}

interface Use {
  readonly replica?: boolean;
  /** It blocks for so long, which must not be taken for silence. */
  readonly blockMs?: number;
  readonly script?: string;
}

interface Client {
  send(command: Command, readOnly?: boolean): Promise<Reply>;
  queue(commands: readonly Command[], as: "pipeline" | "transaction"): Promise<(Reply | Error)[]>;
  blockingPop(key: string, timeoutSeconds: number): Promise<string | null>;
  subscribe(channel: string, onMessage: (message: string) => void): Promise<void>;
  runScript(keys: Command, args: Command): Promise<Reply>;
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

function sentinelOptions(
  { target, options, password }: OpenOptions,
  { replica, blockMs }: Use,
  scripts: RedisScripts | undefined,
): RedisSentinelOptions {
  const own = options as Partial<RedisSentinelOptions>;
  if (target.kind !== "ha") throw new TypeError("not a topology with Sentinels");
  return {
    name: target.group,
    sentinelRootNodes: target.sentinels.map(({ host, port }) => ({ host, port })),
    nodeAddressMap: target.natMap,
    ...(replica && { replicaPoolSize: 1 }),
    ...own,
    nodeClientOptions: connection(own.nodeClientOptions, password, blockMs),
    ...(scripts && { scripts: scripts as never }),
  };
}

function clusterOptions(
  { target, options, password }: OpenOptions,
  { replica, blockMs }: Use,
  scripts: RedisScripts | undefined,
): RedisClusterOptions {
  const own = options as Partial<RedisClusterOptions>;
  if (target.kind !== "cluster") throw new TypeError("not a cluster");
  return {
    rootNodes: target.nodes.map(({ host, port }) => ({ url: `redis://${host}:${port}` })),
    nodeAddressMap: target.natMap,
    ...(replica && { useReplicas: true }),
    ...own,
    defaults: connection(own.defaults, password, blockMs),
    ...(scripts && { scripts: scripts as never }),
  };
}

function singleOptions(
  { target, options, password }: OpenOptions,
  { blockMs }: Use,
  scripts: RedisScripts | undefined,
): RedisClientOptions {
  if (target.kind !== "dns") throw new TypeError("not a name");
  const own = connection(options as Connection, password, blockMs);
  return {
    ...own,
    socket: { ...own.socket, host: target.host, port: target.port } as never,
    ...(scripts && { scripts: scripts as never }),
  };
}

type Connection = NonNullable<RedisSentinelOptions["nodeClientOptions"]>;

function connection(own: Connection = {}, password: string | undefined, blockMs = 0): Connection {
  const silent = own.socket?.socketTimeout;
  return {
    ...(password !== undefined && { password }),
    ...own,
    ...(blockMs > 0 &&
      silent !== undefined && { socket: { ...own.socket, socketTimeout: silent + blockMs } as never }),
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
