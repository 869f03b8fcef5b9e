import { z } from "zod";
import { SLOT_COUNT } from "../base/slots.ts";
import { DrillError } from "../model/errors.ts";
import { between, someWayOfSlots } from "./explore.ts";
import type { Fault } from "./fault.ts";
import { changesNoRole } from "./roles.ts";
import { type Move, moveSchema, moveSlots, openSlot, planMove } from "./slot-moves.ts";

const options = z.strictObject({
  toShard: z.int().min(1).max(100).describe("The shard that they are on their way to."),
  slots: z.int().min(1).max(SLOT_COUNT).default(1).describe("How many, from the end of what the target has."),
  moved: z.number().min(0).max(1).default(0.5).describe("Share of each slot's keys that is there already."),
});

const memory = z.object({ move: moveSchema });

/** Most slots that `explore` holds. */
const MOST_DRAWN = 50;

/**
 * Slots that stand half-way between two shards, as a resharding that somebody interrupted leaves them. For a key that
 * has moved, and for every new one, the old owner answers `ASK`; for several of which some have moved, `TRYAGAIN`.
 * Healed by finishing the move.
 */
export const holdSlot: Fault<"hold-slot", typeof options> = {
  kind: "hold-slot",
  summary:
    "slots held half-way between two shards: ASK and TRYAGAIN as long as it lasts; heal finishes the move",
  needs: [],
  topologies: ["cluster"],
  options,
  explore(on) {
    const way = someWayOfSlots(on);
    if (!way) return undefined;
    const { target, toShard, serving } = way;
    const slots = between(on.random, 1, Math.min(MOST_DRAWN, Math.floor(SLOT_COUNT / serving / 25)));
    return { target, options: { toShard, slots } };
  },
  means: changesNoRole,
  label: (targets, { slots, toShard }) =>
    `${slots} slots of ${targets.join(", ")} held on their way to shard ${toShard}`,
  inject: async (context, targets, given) => {
    const [target] = targets;
    if (target === undefined || targets.length !== 1)
      throw new DrillError("BAD_USAGE", `hold-slot holds slots of one node, got ${targets.join(", ")}`);
    const { from, to, slots } = await planMove(context, target, given);
    if (slots.length === 0) throw new DrillError("BAD_USAGE", `${target} has no slots that could be held`);
    const move: Move = { from, to, slots, how: "migrate", perSlotMs: 0 };
    await context.remember({ move }); // what is broken off leaves slots half open: healing finishes the move
    for (const slot of slots) await openSlot(context, slot, from, to, given.moved);
    return { move };
  },
  heal: async (context, _targets, remembered) => {
    const known = memory.safeParse(remembered);
    if (known.success) await moveSlots(context, known.data.move);
  },
};
