import { clientAddressOf } from "../model/addresses.ts";
import type { Plan } from "../model/plan.ts";

/** A node, and where clients reach it. `role` is what it was started as: `status()` tells what it is now. */
export interface TopologyNode {
  readonly name: string;
  readonly role: "primary" | "replica" | "sentinel";
  readonly host: string;
  readonly port: number;
}

/** Every node of the plan, Sentinels included. */
export function nodesOf(plan: Plan): TopologyNode[] {
  return plan.nodes.map(({ name, role, endpoint }) => ({ name, role, ...clientAddressOf(endpoint) }));
}

/**
 * What an application must be told to find its servers, as environment variables:
 *
 * - `VALKEY_KIND`: `ha` or `cluster`
 * - `VALKEY_NODES`: the data nodes, `host:port` with commas between
 * - `VALKEY_SENTINELS`, `VALKEY_SENTINEL_GROUP`: the Sentinels, and by which name they know the primary (HA only)
 */
export function topologyEnv(plan: Plan): Record<string, string> {
  const nodes = nodesOf(plan);
  const addresses = (those: readonly TopologyNode[]) =>
    those.map(({ host, port }) => `${host}:${port}`).join(",");
  const sentinels = nodes.filter(({ role }) => role === "sentinel");
  return {
    VALKEY_KIND: plan.kind,
    VALKEY_NODES: addresses(nodes.filter(({ role }) => role !== "sentinel")),
    ...(sentinels.length > 0 && { VALKEY_SENTINELS: addresses(sentinels) }),
    ...(plan.sentinelGroup !== undefined && { VALKEY_SENTINEL_GROUP: plan.sentinelGroup }),
  };
}
