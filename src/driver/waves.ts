import type { NodePlan, Plan } from "../model/plan.ts";

/** The nodes that are started together, in the order in which they are. */
export function wavesOf({
  nodes,
}: Pick<Plan, "nodes">): readonly { wave: number; nodes: readonly NodePlan[] }[] {
  const waves = [...new Set(nodes.map(({ wave }) => wave))].sort((a, b) => a - b);
  return waves.map((wave) => ({ wave, nodes: nodes.filter((node) => node.wave === wave) }));
}

/** What is being started, in few words. */
export function startingText(nodes: readonly NodePlan[]): string {
  return `starting ${nodes.length > 3 ? `${nodes.length} nodes` : nodes.map(({ name }) => name).join(", ")}`;
}
