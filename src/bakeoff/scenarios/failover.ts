import { type BakeoffScenario, primaryOf } from "./scenario.ts";

/** An operator moves the primary, as before maintenance: nothing is broken, and no client should notice. */
export const failover: BakeoffScenario = {
  name: "failover",
  summary: "a failover that an operator asks for (SENTINEL FAILOVER, CLUSTER FAILOVER)",
  topologies: ["ha", "cluster"],
  needs: [],
  takesSeconds: 12,
  run: async (cellContext) => {
    const asked = await cellContext.inject("failover", [primaryOf(cellContext)]);
    const replaced = await cellContext.untilReplaced(asked);
    await cellContext.untilWhole();
    return { replaced };
  },
};
