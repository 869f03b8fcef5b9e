import type { BakeoffScenario } from "./scenario.ts";

/** Slots, and the lists in them, move to another shard under load: clients meet ASK, then MOVED. Nothing fails over. */
export const moveSlots: BakeoffScenario = {
  name: "move-slots",
  summary: "50 slots of shard 1 move to shard 2, with the lists in them, while they are used",
  topologies: ["cluster"],
  needs: [],
  takesSeconds: 89,
  run: async (cellContext) => {
    await cellContext.inject("move-slots", ["shard:1/primary"], {
      toShard: 2,
      slots: 50,
      how: "migrate",
      perSlotMs: 10,
    });
    await cellContext.untilWhole();
    return {};
  },
};
