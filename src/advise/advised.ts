import { majority } from "../base/majority.ts";
import type { TopologyKind } from "../model/plan.ts";
import { settingName } from "../model/setting-name.ts";
import { configAuth } from "../topology/config-auth.ts";
import { valuesOf } from "../topology/config-text.ts";
import { failoverSettings } from "../topology/registry.ts";
import { type HaSpec, replicaCounts, type TopologySpec } from "../topology/spec.ts";

/** How long a client's call is tried until it fails, ms, and what decides it. */
export interface AdvisedClient {
  readonly name: string;
  readonly ms: number;
  readonly setting: string;
  readonly value: string;
}

/** What is advised on. */
export interface Advised {
  readonly kind: TopologyKind;
  /** Version of the server, `8.1.1`. */
  readonly valkey: string;
  /** Fewest replicas of a primary. */
  readonly replicas: number;
  /** Primaries with slots; 1 in HA. */
  readonly shards: number;
  /** 0 in a cluster. */
  readonly sentinels: number;
  readonly quorum: number;
  /** Those that govern a failover, by the servers' names. */
  readonly settings: Readonly<Record<string, string>>;
  /** The values of any directive, the last the one that counts; none: it is not set. */
  values(name: string): readonly string[];
  /** Commands of the data nodes of which the Sentinels know another name: `CONFIG c0nf1g`. */
  readonly sentinelRenames: readonly string[];
  /**
   * As whom Sentinels log in at data nodes, and what that user may do; `rules` is absent if there is no such user.
   * Absent: a user that may do everything, or nobody can know.
   */
  readonly sentinelUser?: { readonly name: string; readonly rules?: string };
  /** Where a directive stands in a file; `undefined`: in none. */
  placeOf(name: string): string | undefined;
  readonly client?: AdvisedClient;
}

/** What of a topology the rules look at. */
export function advisedOf(spec: TopologySpec, valkey: string, client?: Advised["client"]): Advised {
  const values = (name: string) =>
    Object.entries(spec.config)
      .filter(([given]) => settingName(given) === name)
      .flatMap(([, value]) => valuesOf(value));
  const placeOf = (name: string) => {
    const places = [...(spec.origin?.places ?? [])].filter(([line]) => namedIn(line) === name);
    return places.at(-1)?.[1];
  };
  const common = { valkey, settings: failoverSettings(spec), values, placeOf, client };
  if (spec.kind === "cluster")
    return {
      ...common,
      kind: "cluster",
      replicas: Math.min(...replicaCounts(spec).slice(0, spec.shards - spec.emptyShards)),
      shards: spec.shards - spec.emptyShards,
      sentinelRenames: [],
      sentinels: 0,
      quorum: 0,
    };
  const { sentinels, replicas, quorum = majority(sentinels) } = spec;
  const sentinelRenames = valuesOf(spec.sentinelConfig?.["rename-command"] ?? []);
  const sentinelUser = sentinelUserOf(spec);
  return { ...common, kind: "ha", shards: 1, replicas, sentinels, quorum, sentinelRenames, sentinelUser };
}

function sentinelUserOf({ auth, config, sentinelConfig }: HaSpec): Advised["sentinelUser"] {
  const own = auth && "users" in auth ? auth.users.sentinel : undefined;
  if (own?.rules !== undefined) return { name: own.name ?? "sentinel", rules: `on ${own.rules}` };
  const { users = [], aclfile } = configAuth(config) ?? {};
  const given = valuesOf(sentinelConfig?.["auth-user"]).at(-1);
  const name = own ? (own.name ?? "sentinel") : (given ?? "default");
  const line = users.findLast((one) => one.split(/\s+/)[0] === name);
  if (line !== undefined) return { name, rules: line.slice(name.length) };
  const isMissing = given !== undefined && given !== "default" && !own && aclfile === undefined;
  return isMissing ? { name } : undefined;
}

/** Of `sentinel parallel-syncs drill 2` it is `parallel-syncs`. */
function namedIn(line: string): string {
  const [first = "", second = ""] = line.split(" ");
  return settingName(first === "sentinel" ? second : first);
}
