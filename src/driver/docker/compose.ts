import type { Plan, TopologyKind } from "../../model/plan.ts";
import { composeCluster } from "./compose-cluster.ts";
import { composeHa } from "./compose-ha.ts";

/** Its name in the project's root, and in a run's folder. */
export const composeFileName = (kind: TopologyKind) => `docker-compose.${kind}.yml`;

/** The Compose file for the nodes of that plan; of the plan only names, roles, shards, waves and the quorum matter. */
export function composeFile(plan: Plan): string {
  return plan.kind === "ha" ? composeHa(plan) : composeCluster(plan);
}
