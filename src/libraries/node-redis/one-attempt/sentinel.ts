import type { RedisSentinelType } from "redis";
import type { ClientOptions, ClientTarget, DrillClient } from "../../../client/client.ts";
import { allConnected } from "../../all-connected.ts";
import { attempt, callsBy, type Hand } from "./attempt.ts";
import { addressText, Connections } from "./connections.ts";
import { sentinelOptions } from "./options.ts";
import { pinnedTo } from "./pinned.ts";
import { awaitConnected } from "./ready.ts";

type Package = typeof import("redis");
type Role = "primary" | "replica";

/**
 * Two clients: one for the primary, one whose reads go to replicas, so that a replica that cannot be reached does not
 * keep the library from connecting to a primary.
 */
export async function connectSentinel(
  package_: Package,
  target: Extract<ClientTarget, { kind: "ha" }>,
  options: ClientOptions,
  deadlineMs: number,
): Promise<DrillClient> {
  const primary = open(package_, target, options, "primary");
  const replica = open(package_, target, options, "replica");
  const close = async () => {
    // It waits for an attempt to connect that is under way, which may last for a second.
    void Promise.allSettled([primary.sentinel.destroy(), replica.sentinel.destroy()]);
  };
  await allConnected(
    [primary, replica].map(({ sentinel }) => awaitConnected(sentinel, deadlineMs)),
    close,
  );
  const isReply = (error: unknown) => error instanceof package_.ErrorReply;
  const opened = { primary, replica };
  const executeAt = (role: Role, hand: Hand) =>
    (opened[role].sentinel as unknown as Executing)._execute(role === "replica", hand);
  const calls = callsBy((role, _args, parts) =>
    attempt({
      ...parts,
      begin: (hand) => executeAt(role, hand),
      isReply,
      onHanded: (address) => opened[role].connections.ready(address),
    }),
  );
  return {
    ...calls,
    pinned: (_key, ms) => pinnedTo((hand) => executeAt("primary", hand), isReply, ms),
    redirects: () => ({ moved: 0, ask: 0 }),
    close,
  };
}

function open(
  { createSentinel }: Package,
  target: Extract<ClientTarget, { kind: "ha" }>,
  { random, onEvent }: ClientOptions,
  role: Role,
): Opened {
  const sentinel = createSentinel({
    ...sentinelOptions(target, random),
    reserveClient: true, // without it, of two first calls one waits until the other's connection is idle
    replicaPoolSize: role === "replica" ? 1 : 0,
  }) as unknown as RedisSentinelType;
  const connections = new Connections(role, onEvent);
  sentinel.on("ready", () => {
    const nodes =
      role === "primary"
        ? [sentinel.getMasterNode()]
        : [...sentinel.getReplicaNodes()].filter(([, ready]) => ready > 0).map(([node]) => node);
    for (const node of nodes) if (node) connections.ready(addressText(node));
  });
  sentinel.on("reconnecting", () => {
    if (role === "primary") connections.lostAll();
    connections.reconnecting();
  });
  sentinel.on("client-error", ({ type, node }: ClientError) => {
    if (type !== NODE_TYPES[role]) return;
    connections.lost(addressText(node));
    connections.reconnecting();
  });
  return { sentinel, connections };
}

const NODE_TYPES = { primary: "MASTER", replica: "REPLICA" } as const;

interface ClientError {
  readonly type: string;
  readonly node: { readonly host: string; readonly port: number };
}

/** What `sendCommand` itself goes through; with it one sees the connection that was chosen. */
interface Executing {
  _execute(isReadonly: boolean, hand: Hand): Promise<unknown>;
}

interface Opened {
  readonly sentinel: RedisSentinelType;
  readonly connections: Connections;
}
