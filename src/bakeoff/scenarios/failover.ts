import { type BakeoffScenario, primaryOf } from "./scenario.ts";

/** An operator moves the primary, as before maintenance: nothing is broken, and no client should be hurt. */
export const failover: BakeoffScenario = {
  name: "failover",
  summary: "a failover that an operator asks for (SENTINEL FAILOVER, CLUSTER FAILOVER)",
  kinds: ["ha", "cluster"],
  needs: [],
  takesSeconds: 12,
  run: async (stage) => {
    const asked = await stage.inject("failover", [primaryOf(stage)]);
    const replaced = await stage.untilReplaced(asked);
    await stage.untilWhole();
    return { replaced };
  },
};
