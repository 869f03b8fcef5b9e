import { type BakeoffScenario, primaryOf } from "./scenario.ts";

/** How long it goes on after another took over: longer than a call may hang without being called so. */
const HOLD_MS = 8000;

/**
 * The primary is cut off from everybody, its clients included, and nobody is told: no reset, no end of a connection, as
 * when a host, a switch or a route is gone. What a client has sent is answered by nobody.
 */
export const cut: BakeoffScenario = {
  name: "cut",
  summary: "all links of the primary go silent, without a reset, until 8 s after another took over",
  topologies: ["ha", "cluster"],
  needs: ["cut-links"],
  takesSeconds: 24,
  links: { clients: true },
  run: async (cellContext) => {
    const primary = primaryOf(cellContext);
    const silent = await cellContext.inject("cut", [primary, `clients<>${primary}`]);
    const replaced = await cellContext.untilReplaced(silent);
    await cellContext.hold(HOLD_MS);
    await cellContext.heal(silent);
    await cellContext.untilWhole();
    return { replaced };
  },
};
