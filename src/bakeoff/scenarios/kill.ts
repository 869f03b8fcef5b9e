import { type BakeoffScenario, primaryOf } from "./scenario.ts";

/** The primary is gone at once and stays away: its connections are reset, and a replica takes over. */
export const kill: BakeoffScenario = {
  name: "kill",
  summary: "the primary is killed (SIGKILL), and stays away",
  topologies: ["ha", "cluster"],
  needs: [],
  takesSeconds: 12,
  run: async (cellContext) => {
    const killed = await cellContext.inject("kill", [primaryOf(cellContext)]);
    return { replaced: await cellContext.untilReplaced(killed) };
  },
};
