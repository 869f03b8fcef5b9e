import { z } from "zod";
import { didYouMean } from "../../base/nearest.ts";
import { DrillError } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import { type ActionKind, action, type Deed, durationText, WHICH } from "./action.ts";
import { clusterFailover, failover } from "./failover.ts";
import { networkFailure, networkLatency, networkPartition, networkRestore } from "./network.ts";
import { configChange, dmcRestart, nodeKill, nodeRestart, nodeStart, nodeStop } from "./node-actions.ts";
import { REFUSED } from "./refused.ts";

/** As Go's JSON has a duration: nanoseconds. */
const nanoseconds = z.number().min(0).max(600e9);

const step = z.strictObject({
  type: z.string(),
  params: z.record(z.string(), z.unknown()).optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  delay: z.union([nanoseconds.transform((given) => Math.round(given / 1e6)), durationText]).optional(),
});

/** One action after the other; the first that fails ends it. */
const sequence = action({
  type: "sequence_of_actions",
  does: "the actions in actions, one after the other; delay (nanoseconds, or as text) is waited before each",
  parameters: z.strictObject({
    ...WHICH,
    actions: z.array(step).min(1).max(50),
  }),
  deeds: ({ actions }, plan) =>
    actions.flatMap(({ type, params, parameters, delay }) => [
      ...(delay === undefined || delay === 0 ? [] : [{ waitMs: delay }]),
      ...deedsOf(type, params ?? parameters ?? {}, plan),
    ]),
});

const ALL = [
  ...[failover, clusterFailover, dmcRestart, nodeKill, nodeStop, nodeStart, nodeRestart, configChange],
  ...[networkFailure, networkPartition, networkLatency, networkRestore, sequence],
];

/** Actions of Redis' fault injector that are done here. */
export const ACTIONS: ReadonlyMap<string, ActionKind> = new Map(ALL.map((kind) => [kind.type, kind]));

/** @throws DrillError `BAD_USAGE`: an action that is not done here, with why; or parameters that it does not take */
export function deedsOf(type: string, given: unknown, plan: Plan): Deed[] {
  const kind = ACTIONS.get(type);
  if (kind === undefined) {
    const reason = REFUSED.get(type);
    if (reason !== undefined) throw new DrillError("BAD_USAGE", `action ${type} is not done here: ${reason}`);
    const names = [...ACTIONS.keys(), ...REFUSED.keys()];
    throw new DrillError("BAD_USAGE", `there is no action "${type}".${didYouMean(type, names)}`, {
      hint: `Actions: ${[...ACTIONS.keys()].join(", ")}.`,
    });
  }
  const { data, error } = kind.parameters.safeParse(given);
  if (error !== undefined) {
    const problems = error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; ");
    throw new DrillError("BAD_USAGE", `action ${type}: ${problems}`);
  }
  return kind.deeds(data, plan);
}
