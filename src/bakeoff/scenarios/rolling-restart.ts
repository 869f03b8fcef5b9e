import type { BakeoffScenario } from "./scenario.ts";

/** Every node is restarted, replicas first, a primary after it has handed over: what an upgrade does to clients. */
export const rollingRestart: BakeoffScenario = {
  name: "rolling-restart",
  summary: "every data node restarted, one after the other, a primary after it has handed over",
  topologies: ["ha", "cluster"],
  needs: [],
  takesSeconds: 14,
  run: async (cellContext) => {
    const primaries = cellContext.plan.kind === "ha" ? "primary" : "primaries";
    const rolled = await cellContext.inject("rolling-restart", ["replicas", primaries]);
    await cellContext.untilWhole(rolled.targets);
    return {};
  },
};
