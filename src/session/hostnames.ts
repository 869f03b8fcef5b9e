import type { Driver } from "../driver/driver.ts";
import { CAPABILITIES } from "../model/capabilities.ts";
import { DrillError } from "../model/errors.ts";
import type { TopologySpec } from "../topology/spec.ts";

/**
 * Can that driver's nodes have names, if the topology wants them? Nodes of a cluster tell names to clients alone; in HA
 * they call each other by them.
 *
 * @throws DrillError `LACKS_CAPABILITY`
 */
export function checkHostnames({ kind, hostnames }: TopologySpec, driver: Driver): void {
  if (kind !== "ha" || !hostnames || driver.capabilities.has("resolve-names")) return;
  throw new DrillError(
    "LACKS_CAPABILITY",
    `topology.hostnames needs ${CAPABILITIES["resolve-names"]} (resolve-names), which the ${driver.name} driver lacks`,
    { hint: driver.lacks?.("resolve-names") ?? "Run it with --driver process." },
  );
}
