import { nodeOf } from "../../driver/driver.ts";
import { nodeActionOf } from "../../fault/node-action-of.ts";
import { announcedOf } from "../../model/addresses.ts";
import type { ActiveFault } from "../../session/active-faults.ts";
import type { CellContext } from "../cell-context.ts";

/**
 * Starts a primary that was killed, and whose place another has taken, as a replica of that one: as the scripts do that
 * start pods, and managed services. Sentinel would do the same only some ten seconds later, and for so long the node
 * would be a second primary. In a cluster it does so by itself. Resolves once it answers.
 */
export async function comeBackAsReplica(cellContext: CellContext, killed: ActiveFault): Promise<void> {
  const { topology } = cellContext.session;
  const primary = cellContext.ownerOf(0);
  if (cellContext.plan.kind === "ha" && primary !== undefined) {
    const { host, port } = announcedOf(nodeOf(cellContext.plan, primary).endpoint);
    const script = `echo 'replicaof ${host} ${port}' >> node.conf`;
    await Promise.all(killed.targets.map((target) => nodeActionOf(topology, "inDataFolder")(target, script)));
  }
  await cellContext.heal(killed);
}
