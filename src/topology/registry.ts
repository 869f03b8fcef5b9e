import type { Random } from "../base/random.ts";
import type { Endpoint, Plan, TopologyKind } from "../model/plan.ts";
import { planCluster } from "./cluster.ts";
import { planHa } from "./ha.ts";
import { replicaCounts, type TopologySpec } from "./spec.ts";

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
  return spec.kind === "ha" ? planHa(spec, endpoints, random) : planCluster(spec, endpoints, random);
}

/** The settings that govern a failover, by their names in the servers' configuration. */
export function failoverSettings(spec: TopologySpec): Record<string, string> {
  if (spec.kind === "ha") {
    return {
      "down-after-milliseconds": String(spec.downAfterMs),
      "failover-timeout": String(spec.failoverTimeoutMs),
    };
  }
  return {
    "cluster-node-timeout": String(spec.nodeTimeoutMs),
    "cluster-require-full-coverage": spec.requireFullCoverage ? "yes" : "no",
  };
}
