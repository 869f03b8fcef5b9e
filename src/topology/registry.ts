import type { Random } from "../base/random.ts";
import type { Endpoint, Plan, TopologyKind } from "../model/plan.ts";
import { settingName } from "../model/setting-name.ts";
import { planCluster } from "./cluster.ts";
import { type Directives, dataNodeDefaults, valuesOf, written } from "./config-text.ts";
import { planHa } from "./ha.ts";
import { replicaCounts, type TopologySpec } from "./spec.ts";
import { inZones } from "./zones.ts";

/** One line each: what `valkey-drill list` and the help say. */
export const TOPOLOGIES: Readonly<Record<TopologyKind, string>> = {
  ha: "a primary, its replicas, and Sentinels that promote a replica when the primary is gone",
  cluster: "primaries that share 16384 hash slots, each with replicas; the nodes fail over by themselves",
};

/** How many endpoints the topology takes, and whether each needs a cluster bus port. */
export function endpointsNeeded(spec: TopologySpec): { count: number; withBus: boolean } {
  if (spec.kind === "ha") return { count: 1 + spec.replicas + spec.sentinels, withBus: false };
  return { count: spec.shards + replicaCounts(spec).reduce((a, b) => a + b, 0), withBus: true };
}

/** A spec and endpoints become a plan. Pure: the same arguments give the same plan. */
export function makePlan(spec: TopologySpec, endpoints: readonly Endpoint[], random: Random): Plan {
  const unread = spec.configFile ?? (spec.kind === "ha" ? spec.sentinelConfigFile : undefined);
  if (unread !== undefined) throw new TypeError(`${unread} has not been read`);
  const plan = spec.kind === "ha" ? planHa(spec, endpoints, random) : planCluster(spec, endpoints, random);
  return inZones(plan, spec);
}

/**
 * The settings that govern a failover and what it may lose, by their names in the servers' configuration. What neither
 * the spec nor we set has the server's default, the same in all versions that we start (valkey.conf, sentinel.conf).
 */
export function failoverSettings(spec: TopologySpec): Record<string, string> {
  const given = Object.entries({ ...dataNodeDefaults(spec), ...spec.config })
    .map(([name, value]) => [settingName(name), value] as const)
    .filter(([name]) => NOTABLE.has(name));
  const common = {
    ...SERVER_DEFAULTS,
    ...(spec.defaults === "server" && PERSISTENCE_DEFAULTS),
    ...Object.fromEntries(given.map(([name, value]) => [name, settingOf(name, value)])),
  };
  if (spec.kind === "ha") {
    return {
      "down-after-milliseconds": String(spec.downAfterMs),
      "failover-timeout": String(spec.failoverTimeoutMs),
      "parallel-syncs": valuesOf(spec.sentinelConfig?.["parallel-syncs"]).at(-1) ?? "1",
      ...common,
    };
  }
  return {
    "cluster-node-timeout": String(spec.nodeTimeoutMs),
    "cluster-require-full-coverage": written(spec.requireFullCoverage),
    ...CLUSTER_DEFAULTS,
    ...common,
  };
}

/** Of a directive that is given twice the last counts; each `rename-command` does. */
function settingOf(name: string, value: Directives[string]): string {
  const values = valuesOf(value);
  return name === "rename-command" ? values.join(", ") : (values.at(-1) ?? "");
}

/** What a server does by itself, where we set nothing else. */
const PERSISTENCE_DEFAULTS = { appendonly: "no", appendfsync: "everysec" } as const;

const SERVER_DEFAULTS = {
  "min-replicas-to-write": "0",
  "min-replicas-max-lag": "10",
  "replica-priority": "100",
} as const;

const CLUSTER_DEFAULTS = {
  "cluster-replica-no-failover": "no",
  "cluster-replica-validity-factor": "10",
  "repl-ping-replica-period": "10",
} as const;

const NOTABLE: ReadonlySet<string> = new Set([
  ...Object.keys(SERVER_DEFAULTS),
  ...Object.keys(CLUSTER_DEFAULTS),
  "cluster-node-timeout",
  "cluster-require-full-coverage",
  "rename-command",
  "appendonly",
  "appendfsync",
  "repl-backlog-size",
]);
