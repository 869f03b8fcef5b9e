import { type ClientAccess, clientAccessOf } from "../../model/access.ts";
import { clientAddressOf } from "../../model/addresses.ts";
import type { Plan } from "../../model/plan.ts";

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
 * - `VALKEY_TLS=1`, `VALKEY_TLS_CA`, `VALKEY_TLS_CERT`, `VALKEY_TLS_KEY`: paths of PEM files, if the servers speak TLS
 * - `VALKEY_USERNAME`, `VALKEY_PASSWORD`, `VALKEY_SENTINEL_USERNAME`, `VALKEY_SENTINEL_PASSWORD`: if they ask for them
 */
export function topologyEnv(plan: Plan): Record<string, string> {
  const nodes = nodesOf(plan);
  const addresses = (those: readonly TopologyNode[]) =>
    those.map(({ host, port }) => `${host}:${port}`).join(",");
  const access = clientAccessOf(plan);
  const sentinels = nodes.filter(({ role }) => role === "sentinel");
  return {
    VALKEY_KIND: plan.kind,
    VALKEY_NODES: addresses(nodes.filter(({ role }) => role !== "sentinel")),
    ...(sentinels.length > 0 && { VALKEY_SENTINELS: addresses(sentinels) }),
    ...(plan.sentinelGroup !== undefined && { VALKEY_SENTINEL_GROUP: plan.sentinelGroup }),
    ...(access && accessEnv(access)),
  };
}

function accessEnv({ tls, files, login, sentinelLogin }: ClientAccess): Record<string, string> {
  const given = {
    VALKEY_TLS: tls && "1",
    VALKEY_TLS_CA: files?.ca,
    VALKEY_TLS_CERT: files?.cert,
    VALKEY_TLS_KEY: files?.key,
    VALKEY_USERNAME: login?.user,
    VALKEY_PASSWORD: login?.password,
    VALKEY_SENTINEL_USERNAME: sentinelLogin?.user,
    VALKEY_SENTINEL_PASSWORD: sentinelLogin?.password,
  };
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
