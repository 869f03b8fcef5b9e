import type { RedisClusterType } from "redis";
import { keySlot } from "../../../base/slots.ts";
import type { ClientOptions, ClientTarget, DrillClient } from "../../../client/client.ts";
import { allConnected } from "../../all-connected.ts";
import { firstKey } from "../../first-key.ts";
import { attempt, callsBy, type Hand, type NodeConnection } from "./attempt.ts";
import { addressText, Connections } from "./connections.ts";
import { clusterOptions } from "./options.ts";
import { pinnedTo } from "./pinned.ts";
import { awaitConnected } from "./ready.ts";

type Package = typeof import("redis");
type Target = Extract<ClientTarget, { kind: "cluster" }>;
type Role = "primary" | "replica";

/**
 * Two cluster clients: one that sends to primaries, one that reads from replicas. Neither looks at the slot map from
 * time to time: the library does so after `MOVED`, and while it reconnects to a node. `refreshSlots` has nothing to
 * turn off.
 */
export async function connectCluster(
  package_: Package,
  target: Target,
  options: ClientOptions,
  deadlineMs: number,
): Promise<DrillClient> {
  const primaries = open(package_, target, options, "primary");
  const replicas = open(package_, target, options, "replica");
  const close = async () => {
    primaries.cluster.destroy();
    replicas.cluster.destroy();
  };
  await allConnected(
    [primaries, replicas].map(({ cluster }) => awaitConnected(cluster, deadlineMs)),
    close,
  );
  primaries.connected();
  const followed = { moved: 0, ask: 0 };
  const isReply = (error: unknown) => error instanceof package_.ErrorReply;
  const isRedirect = (error: unknown) => isReply(error) && /^(MOVED|ASK) /.test((error as Error).message);
  const opened = { primary: primaries, replica: replicas };
  const calls = callsBy((role, args, parts) =>
    attempt({
      ...parts,
      begin: (hand) => opened[role].execute(firstKey(args), hand),
      isReply,
      isRedirect,
      onHanded: (address, redirect) => {
        if (redirect instanceof Error) followed[redirect.message.startsWith("MOVED") ? "moved" : "ask"] += 1;
        opened[role].handed(address);
      },
    }),
  );
  return {
    ...calls,
    pinned: (key, ms) => pinnedTo((hand) => opened.primary.execute(key, hand), isReply, ms),
    redirects: () => ({ ...followed }),
    close,
  };
}

interface Opened {
  readonly cluster: RedisClusterType;
  execute(key: string | undefined, hand: Hand): Promise<unknown>;
  connected(): void;
  /** A call went there. */
  handed(address: string | undefined): void;
}

function open(
  { createCluster }: Package,
  target: Target,
  { random, onEvent }: ClientOptions,
  role: Role,
): Opened {
  const { natMap } = target;
  const cluster = createCluster({
    ...clusterOptions(target, random),
    useReplicas: role === "replica",
  }) as unknown as RedisClusterType;
  const connections = new Connections(role, onEvent);
  cluster.on("node-ready", (node: Address) => connections.ready(addressText(node)));
  cluster.on("node-error", (_error: unknown, node: Address) => connections.lost(addressText(node)));
  cluster.on("node-disconnect", (node: Address) => connections.lost(addressText(node)));
  cluster.on("node-reconnecting", () => connections.reconnecting());
  const primaries = () => cluster.masters.map((node) => addressText(natMap?.[addressText(node)] ?? node));
  let owners: ReadonlySet<string> = new Set();
  return {
    cluster,
    execute: async (key, hand) => {
      const executing = cluster as unknown as Executing;
      if (role === "primary" || key === undefined)
        return executing._execute({ firstKey: key }, false, {}, hand);
      // Left alone, the library reads from the primary in its turn.
      const among = cluster.slots[keySlot(key)]?.replicas ?? [];
      const replica = among[random.below(among.length)];
      const pinned = replica && ((await cluster.nodeClient(replica)) as NodeConnection);
      return executing._execute({ firstKey: key }, true, {}, hand, pinned);
    },
    connected: () => {
      owners = new Set(primaries());
    },
    handed: (address) => {
      if (role !== "primary" || address === undefined || owners.has(address)) return;
      connections.rerouted(address);
      owners = new Set([...primaries(), address]);
    },
  };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** What `sendCommand` itself goes through; with it one sees the connection that was chosen. */
interface Executing {
  _execute(
    parser: { readonly firstKey: string | undefined },
    isReadonly: boolean,
    options: object,
    hand: Hand,
    pinned?: NodeConnection,
  ): Promise<unknown>;
}
