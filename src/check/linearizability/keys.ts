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

/**
 * Is each key of a history linearizable? A history is if the history of every key is (Herlihy and Wing, "Linearizability: A
 * Correctness Condition for Concurrent Objects", 1990, theorem 1), so each is looked at alone. Keys begin as `null`.
 *
 * The small ones first, and each may use its share of what is left of the budget: one hard key leaves the others decided.
 */
export function linearizable(
  operations: readonly RegisterOperation[],
  limits: Limits = DEFAULT_LIMITS,
): KeyResult[] {
  const keys = [...byKey(operations)].sort(([, a], [, b]) => a.length - b.length);
  let left = limits.steps;
  return keys.map(([key, ofKey], index) => {
    const budget: Budget = { steps: Math.floor(left / (keys.length - index)), bytes: limits.bytes };
    const share = budget.steps;
    const { outcome } = search(makeProblem(ofKey, false), budget, false);
    left -= share - Math.max(0, budget.steps);
    return { key, outcome, operations: ofKey };
  });
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
