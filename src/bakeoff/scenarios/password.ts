import { type BakeoffScenario, primaryOf } from "./scenario.ts";

const HOLD_MS = 5000;

/**
 * A rotation done in the wrong order: the primary has a password that nobody else knows, and all connections are
 * dropped. Under Sentinel, which is refused as well, another primary takes over; in a cluster nobody does, and the
 * clients wait.
 */
export const password: BakeoffScenario = {
  name: "password",
  summary:
    "the primary has a password that nobody knows, and drops all connections; 5 s later it has none again",
  topologies: ["ha", "cluster"],
  needs: [],
  run: async (cellContext) => {
    const rotated = await cellContext.inject("config", [primaryOf(cellContext)], { password: "rotated" });
    const replaced = cellContext.plan.kind === "ha" ? await cellContext.untilReplaced(rotated) : undefined;
    await cellContext.hold(HOLD_MS);
    await cellContext.heal(rotated);
    await cellContext.untilWhole(rotated.targets);
    return replaced === undefined ? {} : { replaced };
  },
};
