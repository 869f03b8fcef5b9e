import { type BakeoffScenario, primaryOf } from "./scenario.ts";

/** The primary is stopped in order, as by a supervisor: it ends its connections, and a replica is promoted in time. */
export const shutdown: BakeoffScenario = {
  name: "shutdown",
  summary: "the primary is stopped in order (SIGTERM), and stays away",
  topologies: ["ha", "cluster"],
  needs: [],
  takesSeconds: 12,
  run: async (cellContext) => {
    const stopped = await cellContext.inject("stop", [primaryOf(cellContext)]);
    return { replaced: await cellContext.untilReplaced(stopped) };
  },
};
