import { didYouMean } from "../base/nearest.ts";
import type { Driver } from "../driver/driver.ts";
import { CAPABILITIES } from "../model/capabilities.ts";
import { DrillError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import type { TopologySpec } from "../topology/spec.ts";
import { findServer } from "../valkey/find.ts";
import type { ValkeyServer } from "../valkey/server.ts";
import { fullVersion } from "../valkey/version.ts";

/** Servers that single nodes begin with, by the name of the node. */
export type Servers = ReadonlyMap<string, ValkeyServer>;

/**
 * Could these nodes begin with servers of their own, with that driver? Finds nothing.
 *
 * @throws DrillError `BAD_SCENARIO` for a node that is not there, `LACKS_CAPABILITY`
 */
export function checkServers({ servers = {} }: TopologySpec, plan: Plan, driver: Driver): void {
  const names = plan.nodes.map((node) => node.name);
  const unknown = Object.keys(servers).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new DrillError(
      "BAD_SCENARIO",
      `topology.servers: there is no node "${unknown}".${didYouMean(unknown, names)}`,
      { hint: `Nodes: ${names.join(", ")}.` },
    );
  }
  if (Object.keys(servers).length === 0 || driver.capabilities.has("change-server")) return;
  throw new DrillError(
    "LACKS_CAPABILITY",
    `topology.servers needs ${CAPABILITIES["change-server"]} (change-server), which the ${driver.name} driver lacks`,
    { hint: "Run it with --driver process." },
  );
}

/** Finds or fetches each of them. @throws DrillError as `findServer` */
export async function findServers(
  { servers = {} }: TopologySpec,
  signal: AbortSignal | undefined,
  onProgress?: (message: string) => void,
): Promise<Servers> {
  const found = new Map<string, ValkeyServer>();
  for (const wanted of new Set(Object.values(servers)))
    found.set(wanted, await findServer({ valkey: wanted, signal, onProgress }));
  return new Map(Object.entries(servers).map(([name, wanted]) => [name, found.get(wanted) as ValkeyServer]));
}

/** The servers of a run, for the record: `8.1.1`, or `8.1.1; primary: redis-7.0.15`. */
export function toldServers(valkey: string, servers: Servers): string {
  const versions = new Map<string, string[]>();
  for (const [name, server] of servers) {
    const version = fullVersion(server);
    versions.set(version, [...(versions.get(version) ?? []), name]);
  }
  return [valkey, ...[...versions].map(([version, names]) => `${names.join(", ")}: ${version}`)].join("; ");
}
