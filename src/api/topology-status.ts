import type { RunningTopology } from "../driver/driver.ts";
import type { NodeStatus } from "../model/status.ts";
import { nodeStatuses } from "../observe/status.ts";

/** What every node of a topology of this process is now, in the order of its plan. */
export async function topologyStatus(topology: RunningTopology): Promise<NodeStatus[]> {
  const { plan } = topology;
  const states = plan.nodes.map(async ({ name }) => ({ name, state: await topology.state(name) }));
  return nodeStatuses(plan, await Promise.all(states));
}
