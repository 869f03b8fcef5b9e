import type {
  ClusterBatch,
  GlideClusterClient,
  GlideClusterClientConfiguration,
  Script,
} from "@valkey/valkey-glide";
import type { Reply } from "../../valkey/admin.ts";
import { type AppClient, accessFor, type OpenOptions, POOL_CONNECTION } from "../application.ts";
import { asReply } from "../replies.ts";
import { sideBySide } from "../side-by-side.ts";
import { addressesOf, glideAccess } from "./addresses.ts";

type Package = typeof import("@valkey/valkey-glide");
type Own = Partial<GlideClusterClientConfiguration>;

/** Longest wait for the server's word that a channel is subscribed to; the library wants one. */
const SUBSCRIBE_MS = 10_000;

/** Resolves when the library has connected. It tells of no connection, and has no `error` event. */
export async function openGlide(package_: Package, given: OpenOptions): Promise<AppClient> {
  const open = (own: Own = {}) => package_.GlideClusterClient.createClient(configuration(given, own));
  const main = await open();
  const others = new Map<string, Promise<GlideClusterClient>>();
  const other = (name: string, own: Own = {}) => {
    const client = others.get(name) ?? open(own);
    others.set(name, client);
    return client;
  };
  const scripts = new Map<string, Script>();
  const batch = (commands: readonly (readonly string[])[], atomic: boolean): ClusterBatch => {
    const queued = new package_.ClusterBatch(atomic);
    for (const command of commands) queued.customCommand([...command]);
    return queued;
  };
  return {
    call: async (command) => asReply(await main.customCommand([...command])),
    readReplica: async (command) => {
      const replica = await other("replica", { readFrom: "preferReplica" });
      return asReply(await replica.customCommand([...command]));
    },
    pipeline: async (commands) => {
      const replies = (await main.exec(batch(commands, false), false)) ?? [];
      return replies.map((reply) => (reply instanceof Error ? reply : asReply(reply)));
    },
    transaction: async (commands) => {
      const replies = (await main.exec(batch(commands, true), true)) ?? [];
      return replies.map(asReply) as Reply[];
    },
    blockingPop: async (key, timeoutSeconds) => {
      const popped = await (await other("blocking")).blpop([key], timeoutSeconds);
      return popped === null ? null : String(asReply(popped[1]));
    },
    subscribe: async (channel, onMessage) => {
      const subscriber = await other("subscriber", {
        pubsubSubscriptions: {
          channelsAndPatterns: {},
          callback: ({ channel: from, message }) => {
            if (String(asReply(from)) === channel) onMessage(String(asReply(message)));
          },
        },
      });
      await subscriber.subscribe(new Set([channel]), SUBSCRIBE_MS);
    },
    script: async (source, keys, args) => {
      const script = scripts.get(source) ?? new package_.Script(source);
      scripts.set(source, script);
      return asReply(await main.invokeScript(script, { keys: [...keys], args: [...args] }));
    },
    // It has none: https://valkey.io/valkey-glide-docs/concepts/architecture/multiplexing: one connection to each node
    // carries all calls.
    pool: async (size) => {
      const names = Array.from({ length: size }, (_, place) => `pool:${place}`);
      const clients = await Promise.all(names.map((name) => other(name, { clientName: POOL_CONNECTION })));
      return sideBySide(clients, (client, command) => client.customCommand([...command]));
    },
    close: async () => {
      for (const script of scripts.values()) script.release();
      main.close();
      for (const each of await Promise.allSettled(others.values()))
        if (each.status === "fulfilled") each.value.close();
    },
  };
}

function configuration(given: OpenOptions, own: Own): GlideClusterClientConfiguration {
  const { target, options } = given;
  if (target.kind !== "cluster") throw new TypeError("not a cluster");
  const access = glideAccess(accessFor(given));
  const asked = { ...own, ...(options as Own) };
  const advanced = { ...access.advancedConfiguration, ...asked.advancedConfiguration };
  return {
    ...addressesOf(target),
    ...access,
    ...asked,
    ...(Object.keys(advanced).length > 0 && { advancedConfiguration: advanced }),
  };
}
