import type { Cluster, ClusterOptions, Valkey as Redis, RedisOptions } from "iovalkey";
import type { Reply } from "../../valkey/admin.ts";
import { type AppClient, accessFor, type Hooks, type OpenOptions, POOL_CONNECTION } from "../application.ts";
import { sideBySide } from "../side-by-side.ts";
import { familyAccess, familyNodeAccess } from "./access.ts";
import type { Family } from "./family.ts";
import { shutDown } from "./shut-down.ts";

type Client = Redis | Cluster;
type Command = readonly string[];

/**
 * @param given what an application hands to the constructor; nothing is added but connections for what needs its own
 */
export function openFamily(family: Family, given: OpenOptions): AppClient {
  const main = open(family, given, {});
  const others = new Map<string, Client>();
  const other = (use: string, made: () => Client): Client => {
    const client = others.get(use) ?? made();
    others.set(use, client);
    return client;
  };
  const scripts = new Map<string, string>();
  const readReplica: AppClient["readReplica"] = (command) =>
    send(
      other("replica", () => open(family, given, { replica: true })),
      command,
    );
  return {
    call: (command) => send(main, command),
    ...(given.target.kind !== "dns" && { readReplica }),
    pipeline: async (commands) => {
      const replies = (await queued(main.pipeline(), commands).exec()) ?? [];
      return replies.map(([error, reply]) => error ?? (reply as Reply));
    },
    transaction: async (commands) => {
      const replies = (await queued(main.multi(), commands).exec()) ?? [];
      return replies.map(([error, reply]) => {
        if (error) throw error;
        return reply as Reply;
      });
    },
    blockingPop: async (key, timeoutSeconds) => {
      const client = other(`block:${timeoutSeconds}`, () =>
        open(family, given, { blockMs: timeoutSeconds * 1000 }),
      );
      const popped = await client.blpop(key, timeoutSeconds);
      return popped?.[1] ?? null;
    },
    subscribe: async (channel, onMessage) => {
      const subscriber = other("subscriber", () => open(family, given, {}));
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
    // It has none: https://github.com/redis/ioredis/issues/996.
    pool: async (size) =>
      sideBySide(
        Array.from({ length: size }, (_, place) =>
          other(`pool:${place}`, () => open(family, given, { name: POOL_CONNECTION })),
        ),
        send,
      ),
    close: async () => {
      for (const each of [main, ...others.values()]) shutDown(each);
    },
  };
}

/** The library finds a command's key, and so its slot, only by the lower-case name. */
const send = (client: Client, [name = "", ...rest]: Command) =>
  client.call(name.toLowerCase(), ...rest) as Promise<Reply>;

function queued(pipeline: ReturnType<Client["pipeline"]>, commands: readonly Command[]) {
  for (const [name = "", ...rest] of commands) pipeline.call(name.toLowerCase(), ...rest);
  return pipeline;
}

interface Use {
  readonly replica?: boolean;
  /** It blocks for so long, which must not be taken for silence. */
  readonly blockMs?: number;
  /** Of its connections. */
  readonly name?: string;
}

function open({ Redis, Cluster }: Family, given: OpenOptions, { replica, blockMs = 0, name }: Use): Client {
  const { target, options, listensForErrors, hooks } = given;
  const access = accessFor(given);
  const addresses = (all: readonly { host: string; port: number }[]) =>
    all.map(({ host, port }) => ({ host, port }));
  const connection = (own: RedisOptions = {}): RedisOptions => ({
    ...(target.kind === "ha" ? familyAccess(access) : familyNodeAccess(access)),
    ...(name !== undefined && { connectionName: name }),
    ...own,
    ...(blockMs > 0 && own.socketTimeout !== undefined && { socketTimeout: own.socketTimeout + blockMs }),
  });
  let client: Client;
  if (target.kind === "ha") {
    client = new Redis({
      sentinels: addresses(target.sentinels),
      name: target.group,
      natMap: target.natMap,
      ...(replica && { role: "slave" as const }),
      ...connection(options as RedisOptions),
    });
  } else if (target.kind === "dns") {
    client = new Redis({ host: target.host, port: target.port, ...connection(options as RedisOptions) });
  } else {
    const own = options as ClusterOptions;
    client = new Cluster(addresses(target.nodes), {
      natMap: target.natMap,
      ...(replica && { scaleReads: "slave" as const }),
      ...own,
      redisOptions: connection(own.redisOptions as RedisOptions),
    });
  }
  listen(client, listensForErrors, hooks);
  return client;
}

function listen(client: Client, listensForErrors: boolean, hooks: Hooks): void {
  client.on("ready", () => hooks.connection({ event: "ready" }));
  client.on("close", () => hooks.connection({ event: "lost" }));
  client.on("reconnecting", () => hooks.connection({ event: "reconnecting" }));
  if (listensForErrors) client.on("error", (error) => hooks.error(error));
}
