import { type BakeoffScenario, primaryOf } from "./scenario.ts";

/** How long it goes on after another took over: longer than a call may hang without being called so. */
const HOLD_MS = 8000;

/**
 * The primary stands still for longer than the failover takes, and wakes up with its clients still connected. It does
 * what they had sent meanwhile, and tells them that it is done, until it is told that it has been replaced: that is
 * lost.
 */
export const pause: BakeoffScenario = {
  name: "pause",
  summary:
    "the primary stands still (SIGSTOP) until 8 s after another took over, and wakes up with its clients still " +
    "connected",
  topologies: ["ha", "cluster"],
  needs: ["pause"],
  takesSeconds: 23,
  run: async (cellContext) => {
    const paused = await cellContext.inject("pause", [primaryOf(cellContext)]);
    const replaced = await cellContext.untilReplaced(paused);
    await cellContext.hold(HOLD_MS);
    await cellContext.heal(paused);
    await cellContext.untilWhole(paused.targets);
    return { replaced };
  },
};
