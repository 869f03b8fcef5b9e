import type { Credentials, TlsMaterial } from "../../../model/access.ts";
import type { Places } from "../places.ts";
import { defined, type EnvPreset } from "../preset.ts";

/**
 * ioredis (and iovalkey, which takes the same): the arguments of its constructors, as JSON. It reads no variable
 * itself: `new Redis(JSON.parse(process.env.IOREDIS_OPTIONS))`,
 * `new Redis.Cluster(JSON.parse(process.env.IOREDIS_NODES), JSON.parse(process.env.IOREDIS_OPTIONS))`.
 */
export const ioredis: EnvPreset = {
  name: "ioredis",
  summary:
    "ioredis: IOREDIS_OPTIONS, in a cluster IOREDIS_NODES as well: the constructor's arguments as JSON",
  docs: "https://github.com/redis/ioredis#sentinel",
  variables: (places) =>
    defined({
      IOREDIS_NODES: places.kind === "cluster" ? JSON.stringify(places.nodes) : undefined,
      IOREDIS_OPTIONS: JSON.stringify(
        places.kind === "cluster" ? clusterOptions(places) : sentinelOptions(places),
      ),
    }),
};

function clusterOptions(places: Places): object {
  return { redisOptions: nodeOptions(places), ...(places.natMap && { natMap: places.natMap }) };
}

/** What `new Redis(…)` takes to reach the primary by its Sentinels. */
export function sentinelOptions(places: Places): object {
  const { sentinels, group, natMap, access } = places;
  const { tls, sentinelLogin } = access;
  return {
    sentinels,
    name: group,
    ...nodeOptions(places),
    ...(tls && { sentinelTLS: material(tls), enableTLSForSentinelMode: true }),
    ...loginOptions(sentinelLogin, "sentinelUsername", "sentinelPassword"),
    ...(natMap && { natMap }),
  };
}

function nodeOptions({ access: { tls, login } }: Places): object {
  return { ...(tls && { tls: material(tls) }), ...loginOptions(login, "username", "password") };
}

const material = ({ ca, cert, key }: TlsMaterial) => ({ ca, cert, key });

function loginOptions(login: Credentials | undefined, user: string, password: string): object {
  if (login === undefined) return {};
  return { ...(login.user !== undefined && { [user]: login.user }), [password]: login.password };
}
