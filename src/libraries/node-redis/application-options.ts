import type { RedisClientOptions, RedisClusterOptions, RedisScripts, RedisSentinelOptions } from "redis";
import type { ClientAccess } from "../../model/access.ts";
import { accessFor, type OpenOptions } from "../application.ts";
import { nodeAccess, sentinelAccess, withAccess } from "./access.ts";

/** What one client is for, where that needs options of its own. */
export interface Use {
  readonly replica?: boolean;
  /** It blocks for so long, which must not be taken for silence. */
  readonly blockMs?: number;
  readonly script?: string;
  /** Of its connections to data nodes. */
  readonly name?: string;
  /** Sentinel: as many connections to the primary. */
  readonly poolSize?: number;
}

export function sentinelOptions(
  given: OpenOptions,
  { replica, blockMs, name, poolSize }: Use,
  scripts: RedisScripts | undefined,
): RedisSentinelOptions {
  const { target, options } = given;
  const own = options as Partial<RedisSentinelOptions>;
  const access = accessFor(given);
  const sentinelClient = withAccess(sentinelAccess(access), own.sentinelClientOptions ?? {});
  if (target.kind !== "ha") throw new TypeError("not a topology with Sentinels");
  return {
    name: target.group,
    sentinelRootNodes: target.sentinels.map(({ host, port }) => ({ host, port })),
    nodeAddressMap: target.natMap,
    ...(replica && { replicaPoolSize: 1 }),
    ...(poolSize !== undefined && { masterPoolSize: poolSize }),
    ...own,
    nodeClientOptions: connection(own.nodeClientOptions, access, { blockMs, name }),
    ...(Object.keys(sentinelClient).length > 0 && { sentinelClientOptions: sentinelClient }),
    ...(scripts && { scripts: scripts as never }),
  };
}

export function clusterOptions(
  given: OpenOptions,
  { replica, blockMs, name }: Use,
  scripts: RedisScripts | undefined,
): RedisClusterOptions {
  const { target, options } = given;
  const own = options as Partial<RedisClusterOptions>;
  if (target.kind !== "cluster") throw new TypeError("not a cluster");
  return {
    rootNodes: target.nodes.map(({ host, port }) => ({ url: `redis://${host}:${port}` })),
    nodeAddressMap: target.natMap,
    ...(replica && { useReplicas: true }),
    ...own,
    defaults: connection(own.defaults, accessFor(given), { blockMs, name }),
    ...(scripts && { scripts: scripts as never }),
  };
}

export function singleOptions(
  given: OpenOptions,
  { blockMs, name }: Use,
  scripts: RedisScripts | undefined,
): RedisClientOptions {
  const { target, options } = given;
  if (target.kind !== "dns") throw new TypeError("not a name");
  const own = connection(options as Connection, accessFor(given), { blockMs, name });
  return {
    ...own,
    socket: { ...own.socket, host: target.host, port: target.port } as never,
    ...(scripts && { scripts: scripts as never }),
  };
}

type Connection = NonNullable<RedisSentinelOptions["nodeClientOptions"]>;

function connection(
  given: Connection = {},
  access: ClientAccess | undefined,
  { blockMs = 0, name }: Pick<Use, "blockMs" | "name">,
): Connection {
  const own = withAccess(nodeAccess(access), given);
  const silent = own.socket?.socketTimeout;
  return {
    ...(name !== undefined && { name }),
    ...own,
    ...(blockMs > 0 &&
      silent !== undefined && { socket: { ...own.socket, socketTimeout: silent + blockMs } as never }),
  };
}
