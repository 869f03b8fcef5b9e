import { z } from "zod";
import { SLOT_COUNT } from "../base/slots.ts";
import { DrillError } from "../model/errors.ts";
import { between, someWayOfSlots } from "./explore.ts";
import type { Fault } from "./fault.ts";
import { changesNoRole } from "./roles.ts";
import {
  howToMove,
  type Move,
  moveSchema,
  moveSlots,
  movesAreDone,
  moveUntilLost,
  planMove,
} from "./slot-moves.ts";

const options = z.strictObject({
  toShard: z.int().min(1).max(100).describe("The shard that takes them."),
  slots: z.int().min(1).max(16_384).default(100).describe("How many, from the end of what the target has."),
  how: z
    .enum(["auto", "migrate", "atomic"])
    .default("auto")
    .describe(
      "atomic: CLUSTER MIGRATESLOTS (Valkey 9); migrate: key by key; auto: atomic where the server can.",
    ),
  perSlotMs: z.int().min(0).max(10_000).default(0).describe("Pause after each slot (migrate only)."),
});

/** Slots that `explore` moves at once: key by key, some tenths of a second. */
const MOST_DRAWN = 200;
/** So often the largest draw could be repeated before a shard has no slots left. */
const LEAVES = 25;

const memory = z.object({ move: moveSchema });

/**
 * Moves slots with their keys to another shard while clients use them. In force when they are there. If a node is lost
 * on the way the move stops where it is, slots half open, as it does in production; healing finishes it.
 */
export const moveSlotsFault: Fault<"move-slots", typeof options> = {
  kind: "move-slots",
  summary:
    "slots and their keys moved to another shard under load; heal finishes a move that a lost node interrupted",
  needs: [],
  topologies: ["cluster"],
  options,
  explore(on) {
    const way = someWayOfSlots(on);
    if (!way) return undefined;
    const { target, toShard, serving } = way;
    const most = Math.max(1, Math.min(MOST_DRAWN, Math.floor(SLOT_COUNT / serving / LEAVES)));
    return { target, options: { toShard, slots: between(on.random, 1, most) } };
  },
  selfHealing: movesAreDone,
  means: changesNoRole,
  label: (targets, { slots, toShard }) => `${slots} slots of ${targets.join(", ")} moved to shard ${toShard}`,
  inject: async (context, targets, given) => {
    const [target] = targets;
    if (target === undefined || targets.length !== 1)
      throw new DrillError("BAD_USAGE", `move-slots moves from one node, got ${targets.join(", ")}`);
    const way = await planMove(context, target, given);
    const how = await howToMove(context, way.from, given.how);
    const move: Move = { ...way, how, perSlotMs: given.perSlotMs };
    await context.remember({ move }); // what is broken off leaves a slot half open: healing finishes the move
    return { move, stopped: await moveUntilLost(context, [move]) };
  },
  heal: async (context, _targets, remembered) => {
    const known = memory.safeParse(remembered);
    if (known.success) await moveSlots(context, known.data.move);
  },
};
