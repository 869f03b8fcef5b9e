import type { BakeoffScenario } from "./scenario.ts";

/** Two of three Sentinels are gone, then the primary is moved by the last: a client must find it through that one. */
export const oneSentinel: BakeoffScenario = {
  name: "one-sentinel",
  summary: "all Sentinels but one are killed, and that one is asked for a failover",
  topologies: ["ha"],
  needs: [],
  takesSeconds: 17,
  run: async (cellContext) => {
    await cellContext.inject("kill", ["sentinel-1", "sentinel-2"]);
    const asked = await cellContext.inject("failover", ["primary"]);
    const replaced = await cellContext.untilReplaced(asked);
    await cellContext.untilWhole();
    return { replaced };
  },
};
