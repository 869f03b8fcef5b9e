import { seededRandom } from "../base/random.ts";
import type { Plan } from "../model/plan.ts";
import { type NodeView, type TopologyView, UNSEEN } from "../observe/view.ts";
import { endpointsNeeded, makePlan } from "../topology/registry.ts";
import { topologySpecSchema } from "../topology/spec.ts";

export function planOf(given: object): Plan {
  const spec = topologySpecSchema.parse(given);
  const { count } = endpointsNeeded(spec);
  const endpoints = Array.from({ length: count }, (_, n) => ({
    host: "127.0.0.1",
    port: 1 + n,
    busPort: 1000 + n,
  }));
  return makePlan(spec, endpoints, seededRandom(1));
}

/** All nodes as planned, and well; with what is different. */
export function viewOf(plan: Plan, changes: Record<string, Partial<NodeView>> = {}): TopologyView {
  const data = plan.nodes.filter(({ role }) => role !== "sentinel");
  return new Map(
    data.map(({ name, role, shard }) => {
      const own = plan.shards.find((one) => one.shard === shard);
      const planned: NodeView = {
        ...UNSEEN,
        reachable: true,
        role: role === "primary" ? "primary" : "replica",
        linkUp: true,
        state: plan.kind === "cluster" ? "ok" : undefined,
        slots: role === "primary" ? (own?.slots ?? []) : [],
        follows: role === "replica" ? (own?.primary ?? "primary") : undefined,
      };
      return [name, { ...planned, ...changes[name] }];
    }),
  );
}
