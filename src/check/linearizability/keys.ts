import type { RegisterOperation } from "../../model/register.ts";
import { type Budget, DEFAULT_LIMITS, type Limits } from "./budget.ts";
import { makeProblem } from "./problem.ts";
import { search } from "./search.ts";

/** What became of one key. */
export interface KeyResult {
  readonly key: string;
  readonly outcome: "linearizable" | "not-linearizable" | "over-budget";
  readonly operations: readonly RegisterOperation[];
}

/** What a key may use at first, so that the easy ones are decided before the hard ones are tried for long. */
const FIRST_STEPS = 20_000;
const FIRST_STEPS_PER_OPERATION = 200;
/** How much more it may use each time. */
const MORE = 16;

/**
 * Is each key of a history linearizable? A history is if the history of every key is (Herlihy and Wing,
 * "Linearizability: A Correctness Condition for Concurrent Objects", 1990, theorem 1), so each is looked at alone. Keys
 * begin as `null`.
 *
 * The small ones come first. Each gets a little of the budget, and those that are not decided then get more, in rounds,
 * down to an equal share of all that is left. Once one key has failed, the verdict stands: the hard ones are not tried
 * for longer.
 */
export function linearizable(
  operations: readonly RegisterOperation[],
  limits: Limits = DEFAULT_LIMITS,
): KeyResult[] {
  const keys = [...byKey(operations)].sort(([, a], [, b]) => a.length - b.length);
  const outcomes = new Map<string, KeyResult["outcome"]>();
  let left = limits.steps;
  let failed = false;
  let pending = keys;
  for (let more = 1; pending.length > 0 && !failed; more *= MORE) {
    const again: typeof keys = [];
    for (const [index, [key, ofKey]] of pending.entries()) {
      if (failed && more > 1) break;
      const wanted = (FIRST_STEPS + FIRST_STEPS_PER_OPERATION * ofKey.length) * more;
      const share = Math.floor(left / (pending.length - index + again.length));
      const budget: Budget = { steps: Math.min(wanted, share), bytes: limits.bytes };
      const granted = budget.steps;
      const { outcome, full } = search(makeProblem(ofKey, false), budget, false);
      left -= granted - Math.max(0, budget.steps);
      outcomes.set(key, outcome);
      failed ||= outcome === "not-linearizable";
      if (outcome === "over-budget" && !full && granted === wanted) again.push([key, ofKey]);
    }
    pending = again;
  }
  return keys.map(([key, ofKey]) => ({
    key,
    outcome: outcomes.get(key) ?? "over-budget",
    operations: ofKey,
  }));
}

function byKey(operations: readonly RegisterOperation[]): Map<string, RegisterOperation[]> {
  const keys = new Map<string, RegisterOperation[]>();
  for (const operation of operations) {
    const same = keys.get(operation.key);
    if (same) same.push(operation);
    else keys.set(operation.key, [operation]);
  }
  return keys;
}
