import { z } from "zod";
import type { Plan } from "../../model/plan.ts";
import { action, type Deed, nodeId, WHICH } from "./action.ts";

const parameters = z.strictObject({
  ...WHICH,
  node_id: nodeId.optional(),
  force: z.boolean().default(false),
});

export const failover = action({
  type: "failover",
  does: "fault failover on node_id; without it on the primary, in a cluster on that of shard 1; force is for a cluster",
  parameters,
  deeds,
});

/** The same by another name. */
export const clusterFailover = action({ ...failover, type: "cluster_failover", parameters, deeds });

function deeds({ node_id, force }: z.output<typeof parameters>, { kind }: Plan): Deed[] {
  const target = node_id ?? (kind === "ha" ? "primary" : "shard:1/primary");
  return [{ inject: { fault: "failover", target, ...(force && { mode: "force" }) } }];
}
