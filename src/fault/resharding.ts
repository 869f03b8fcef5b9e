import { z } from "zod";
import { SLOT_COUNT } from "../base/slots.ts";
import { nodeOf } from "../driver/driver.ts";
import { DrillError } from "../model/errors.ts";
import { between, oneOf, slotsMayBeOnTheirWay } from "./explore.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { changesNoRole, primariesMayLosePlace } from "./roles.ts";
import {
  howToMove,
  type Move,
  moveSchema,
  moveSlots,
  movesAreDone,
  moveUntilLost,
  ownSlots,
  primaryNow,
  slotsOf,
} from "./slot-moves.ts";

const options = z.strictObject({
  slots: z
    .int()
    .min(1)
    .max(16_384)
    .optional()
    .describe("How many in all; default: an even share (add-shard), all of them (remove-shard)."),
  how: z.enum(["auto", "migrate", "atomic"]).default("auto").describe("As with move-slots."),
  perSlotMs: z.int().min(0).max(10_000).default(0).describe("Pause after each slot (migrate only)."),
});
type Options = z.infer<typeof options>;

/** Slots that `explore` gives away at once. */
const MOST_DRAWN = 300;

const memory = z.object({ moves: z.array(moveSchema) });

/**
 * A shard that was started without slots (`emptyShards`) is given its share by all others, under load. Healing finishes
 * what a lost node interrupted.
 */
export const addShard: Fault<"add-shard", typeof options> = resharding({
  kind: "add-shard",
  summary: "a shard that has no slots is given its share by the others under load; heal finishes it",
  // To each empty shard once: then it has slots. What removes a shard is not drawn, since its nodes then belong to
  // others.
  explore(on) {
    const given = on.before.filter(({ fault }) => fault === "add-shard").map(({ target }) => target);
    const [first, ...more] = Array.from(
      { length: on.emptyShards },
      (_, n) => `shard:${on.shards - n}/primary`,
    ).filter((target) => !given.includes(target));
    if (first === undefined || slotsMayBeOnTheirWay(on)) return undefined;
    const serving = on.shards - on.emptyShards;
    return {
      target: oneOf(on.random, [first, ...more]),
      options: { slots: serving * between(on.random, 1, Math.max(1, Math.floor(MOST_DRAWN / serving))) },
    };
  },
  means: changesNoRole,
  label: (target) => `slots given to the shard of ${target}`,
  plan: async (context, target, given) => {
    const to = await primaryNow(context, target);
    if ((await ownSlots(context, to)).length > 0)
      throw new DrillError("BAD_USAGE", `${to} has slots already: add-shard is for one of the emptyShards`);
    const givers = await slotOwners(context, to);
    return Promise.all(
      givers.map(async ({ name, slots }) => {
        const share = Math.floor(
          (given.slots ?? (slots.length * givers.length) / (givers.length + 1)) / givers.length,
        );
        return moveOf(context, name, to, slots.slice(slots.length - share), given);
      }),
    );
  },
});

/**
 * All slots of a shard are given to the others, evenly, under load. By its own rules
 * (`cluster-allow-replica-migration`) the emptied primary and its replicas then follow whoever took the last slot.
 */
export const removeShard: Fault<"remove-shard", typeof options> = resharding({
  kind: "remove-shard",
  summary: "all slots of a shard are given to the others under load; heal finishes it",
  means: primariesMayLosePlace,
  label: (target) => `slots taken from the shard of ${target}`,
  plan: async (context, target, given) => {
    const from = await primaryNow(context, target);
    const takers = await slotOwners(context, from);
    if (takers.length === 0) throw new DrillError("BAD_USAGE", "the only shard cannot be removed");
    const slots = slotsOf(await ownSlots(context, from)).slice(-(given.slots ?? SLOT_COUNT));
    const size = Math.ceil(slots.length / takers.length);
    return Promise.all(
      takers.map(({ name }, n) => moveOf(context, from, name, slots.slice(n * size, (n + 1) * size), given)),
    );
  },
});

function resharding<Kind extends string>(what: {
  readonly kind: Kind;
  readonly summary: string;
  readonly explore?: Fault["explore"];
  readonly means: NonNullable<Fault["means"]>;
  label(target: string): string;
  plan(context: FaultContext, target: string, given: Options): Promise<Move[]>;
}): Fault<Kind, typeof options> {
  return {
    kind: what.kind,
    summary: what.summary,
    needs: [],
    topologies: ["cluster"],
    options,
    ...(what.explore && { explore: what.explore }),
    selfHealing: movesAreDone,
    means: what.means,
    label: (targets) => what.label(targets.join(", ")),
    inject: async (context, targets, given) => {
      const [target, ...more] = targets;
      const { shard } = nodeOf(context.topology.plan, target as string);
      if (more.some((name) => nodeOf(context.topology.plan, name).shard !== shard))
        throw new DrillError("BAD_USAGE", `${what.kind} takes one shard, got ${targets.join(", ")}`);
      const moves = await what.plan(context, target as string, given);
      await context.remember({ moves });
      return { moves, stopped: await moveUntilLost(context, moves) };
    },
    heal: async (context, _targets, remembered) => {
      const known = memory.safeParse(remembered);
      if (known.success) for (const move of known.data.moves) await moveSlots(context, move);
    },
  };
}

/** The primaries of the other shards that have slots, with them. */
async function slotOwners(context: FaultContext, but: string): Promise<{ name: string; slots: number[] }[]> {
  const { shards } = context.topology.plan;
  const primaries = await Promise.all(shards.map(({ primary }) => primaryNow(context, primary)));
  const owners = await Promise.all(
    primaries
      .filter((name) => name !== but)
      .map(async (name) => ({ name, slots: slotsOf(await ownSlots(context, name)) })),
  );
  return owners.filter(({ slots }) => slots.length > 0);
}

async function moveOf(
  context: FaultContext,
  from: string,
  to: string,
  slots: readonly number[],
  { how, perSlotMs }: Options,
): Promise<Move> {
  return { from, to, slots, how: await howToMove(context, from, how), perSlotMs };
}
