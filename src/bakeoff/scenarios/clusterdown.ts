import type { BakeoffScenario } from "./scenario.ts";

const HOLD_MS = 5000;

/** A shard without a replica stands still, so all nodes refuse everything (CLUSTERDOWN), until it wakes up. */
export const clusterdown: BakeoffScenario = {
  name: "clusterdown",
  summary:
    "the primary of a shard without replicas stands still for 5 s: the whole cluster says CLUSTERDOWN meanwhile",
  topologies: ["cluster"],
  needs: ["pause"],
  takesSeconds: 18,
  spec: { cluster: { shards: 3, replicas: [0, 1, 1], nodeTimeoutMs: 1000, requireFullCoverage: true } },
  run: async (cellContext) => {
    const paused = await cellContext.inject("pause", ["shard:1/primary"]);
    await cellContext.hold(HOLD_MS);
    await cellContext.heal(paused);
    await cellContext.untilWhole(paused.targets);
    await cellContext.untilClusterIsUp();
    return {};
  },
};
