import type { Budget } from "./budget.ts";
import { makeConfigurations } from "./configurations.ts";
import { makeMoves } from "./make-moves.ts";
import { makePosition } from "./position.ts";
import type { Problem } from "./problem.ts";

export interface SearchResult {
  readonly outcome: "linearizable" | "not-linearizable" | "over-budget";
  /** It was over the budget in memory: more steps would not help. */
  readonly full?: boolean;
  /** The longest legal order that was come upon, as places in the list of operations that was given. */
  readonly order: readonly number[];
  /** Of what is missing there, the operation that ended first: it could not be placed. */
  readonly stuck?: number;
}

/** What a move takes in a list that grows, at the most. */
const BYTES_A_MOVE = 16;

/**
 * Looks for an order of one key's operations that respects time and explains every answer.
 *
 * The algorithm of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993) with the list of entries and the memory of
 * configurations of Lowe ("Testing for Linearizability", 2017), as in Porcupine (Athalye, 2017): give the next place to an operation that was
 * called before any other that is left has returned; where none fits, go back. A configuration that was met before need not be tried
 * again. What is added here holds for registers:
 *
 * - a read that fits is placed at once, and never taken back on its own: it changes nothing, so what can come after it could come before;
 * - a state is not left while a completed operation must still find it and nobody is left who makes it again;
 * - completed writes whose value nobody observes are placed right before the next write of the others, which hides them, or all together;
 * - an open operation is placed only where one that may follow needs its value: elsewhere the order is as legal without it;
 * - of open operations that are alike, the one called first.
 *
 * And for keys that are appended to (`growing-states.ts`, `outlook.ts`):
 *
 * - values that nobody finds, whatever is appended to them, are one state: lost;
 * - an append that nothing to be found needs, and a write of a lost value, are placed at once where the state is lost,
 *   and right before the next write, which hides them;
 * - a state is left, and an element used, only if all that must still be found can come of what is left;
 * - of completed operations that do the same, the one that returns first.
 *
 * @param budget - What it may cost; the steps that were used are subtracted.
 */
export function search(problem: Problem, budget: Budget, plain: boolean): SearchResult {
  const position = makePosition(problem);
  const moves = makeMoves(problem, position, budget, plain);
  const met = makeConfigurations(budget.bytes);
  const mostMoves = budget.bytes / BYTES_A_MOVE;
  const row = new Int32Array(position.longestRow);
  let longest: SearchResult = { outcome: "not-linearizable", order: [] };
  budget.steps -= problem.cost;
  if (problem.hopeless && !plain) return longest;

  /* One entry a decision: where its moves begin and which is next, and what to go back to when none is left. */
  const decisions: { readonly from: number; next: number; readonly mark: number; readonly state: number }[] =
    [];
  const arrive = (mark: number, state: number) => {
    const from = moves.list.length;
    moves.collect();
    decisions.push({ from, next: from, mark, state });
    if (plain && (longest.stuck === undefined || position.trailLength > longest.order.length)) {
      const trail = position.trail.subarray(0, position.trailLength);
      const sourceOf = (op: number) => problem.source[op] as number;
      longest = { ...longest, order: Array.from(trail, sourceOf), stuck: sourceOf(moves.firstToReturn) };
    }
  };
  const goBack = ({ from, mark, state }: { from: number; mark: number; state: number }) => {
    decisions.pop();
    moves.list.length = from;
    position.giveBackTo(mark);
    position.state = state;
  };
  let full = false;
  const wasMet = () => {
    const length = position.describe(row);
    budget.steps -= 1 + (length >> 3);
    const remembered = met.add(row, length);
    full ||= remembered === "full" || moves.list.length > mostMoves;
    return remembered === "known";
  };

  arrive(0, position.state);
  while (position.remaining > 0) {
    if (budget.steps < 0 || full) return { ...longest, outcome: "over-budget", full };
    const decision = decisions.at(-1);
    if (decision === undefined) return longest;
    if (decision.next === moves.list.length) {
      goBack(decision);
      continue;
    }
    const move = moves.list[decision.next] as number;
    decision.next += 1;
    const { trailLength: mark, state } = position;
    if (!moves.make(move)) continue;
    arrive(mark, state);
    if (position.remaining > 0 && wasMet()) goBack(decisions.at(-1) as (typeof decisions)[number]);
  }
  return { outcome: "linearizable", order: [] };
}
