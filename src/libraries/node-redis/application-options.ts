import type { RedisClientOptions, RedisClusterOptions, RedisScripts, RedisSentinelOptions } from "redis";
import type { OpenOptions } from "../application.ts";

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
  { target, options, password }: OpenOptions,
  { replica, blockMs, name, poolSize }: Use,
  scripts: RedisScripts | undefined,
): RedisSentinelOptions {
  const own = options as Partial<RedisSentinelOptions>;
  if (target.kind !== "ha") throw new TypeError("not a topology with Sentinels");
  return {
    name: target.group,
    sentinelRootNodes: target.sentinels.map(({ host, port }) => ({ host, port })),
    nodeAddressMap: target.natMap,
    ...(replica && { replicaPoolSize: 1 }),
    ...(poolSize !== undefined && { masterPoolSize: poolSize }),
    ...own,
    nodeClientOptions: connection(own.nodeClientOptions, password, { blockMs, name }),
    ...(scripts && { scripts: scripts as never }),
  };
}

export function clusterOptions(
  { target, options, password }: OpenOptions,
  { replica, blockMs, name }: Use,
  scripts: RedisScripts | undefined,
): RedisClusterOptions {
  const own = options as Partial<RedisClusterOptions>;
  if (target.kind !== "cluster") throw new TypeError("not a cluster");
  return {
    rootNodes: target.nodes.map(({ host, port }) => ({ url: `redis://${host}:${port}` })),
    nodeAddressMap: target.natMap,
    ...(replica && { useReplicas: true }),
    ...own,
    defaults: connection(own.defaults, password, { blockMs, name }),
    ...(scripts && { scripts: scripts as never }),
  };
}

export function singleOptions(
  { target, options, password }: OpenOptions,
  { blockMs, name }: Use,
  scripts: RedisScripts | undefined,
): RedisClientOptions {
  if (target.kind !== "dns") throw new TypeError("not a name");
  const own = connection(options as Connection, password, { blockMs, name });
  return {
    ...own,
    socket: { ...own.socket, host: target.host, port: target.port } as never,
    ...(scripts && { scripts: scripts as never }),
  };
}

type Connection = NonNullable<RedisSentinelOptions["nodeClientOptions"]>;

function connection(
  own: Connection = {},
  password: string | undefined,
  { blockMs = 0, name }: Pick<Use, "blockMs" | "name">,
): Connection {
  const silent = own.socket?.socketTimeout;
  return {
    ...(password !== undefined && { password }),
    ...(name !== undefined && { name }),
    ...own,
    ...(blockMs > 0 &&
      silent !== undefined && { socket: { ...own.socket, socketTimeout: silent + blockMs } as never }),
  };
}
