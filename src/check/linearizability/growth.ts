import { type GrowingStates, LOST, LOST_FOR_GOOD } from "./growing-states.ts";
import type { ModelStep } from "./model-steps.ts";
import { NOWHERE } from "./states.ts";
import { FINDERS, type Ways, waysTo } from "./ways.ts";

/** What is known of a key that is appended to before the search begins. */
export interface Growth {
  readonly states: GrowingStates;
  readonly ways: Ways;
  /** Of `states.found`, by whom each is found: the sum of its `FINDERS`. */
  readonly finders: Uint8Array;
  /**
   * May what nobody finds be placed as soon as it can be? It changes one lost value into another then. Not so where a
   * refused cas tells only that there was *another* value, and where something can be lost that nothing can be appended
   * to.
   */
  readonly hides: boolean;
  /** Something was found that nobody can have made. */
  readonly hopeless: boolean;
  /** What finding that out took, in steps. */
  readonly cost: number;
}

/** Characters that are read in the time of one step. */
const READ_A_STEP = 64;

export function makeGrowth(steps: readonly ModelStep[], states: GrowingStates, initial: number): Growth {
  const finders = new Uint8Array(states.found.length);
  const bases = new Set([initial]);
  const appended = new Set<number>();
  let hides = true;
  let hopeless = false;
  for (const { kind, value, to, returnedAt } of steps) {
    if (kind === "append") appended.add(value);
    if (kind === "write") bases.add(value);
    if (kind === "cas") bases.add(to);
    if (kind === "not") hides = false;
    if (kind !== "read" && kind !== "cas") continue;
    const same = value === NOWHERE ? NOWHERE : states.same(value);
    if (same === NOWHERE) hopeless = true;
    else finders[same] = (finders[same] as number) | (returnedAt === Infinity ? FINDERS.open : FINDERS.ended);
  }
  if (bases.has(LOST_FOR_GOOD) || [...bases].some((state) => states.length(state) === NOWHERE)) hides = false;
  const ways = waysTo(states, [...bases], appended, finders);
  const read = states.found.reduce((sum, text) => sum + text.length, 0);
  return {
    states,
    ways,
    finders,
    hides,
    hopeless: hopeless || ways.hopeless,
    cost: ways.cost + read / READ_A_STEP,
  };
}

/**
 * Settles operations without a certain end, as `settle` does for registers. One that is open
 *
 * - and leads to nothing that is found is dropped: whatever comes after it, up to the next value that is set, found
 *   nothing of it;
 * - and appends an element that is on every way to something that was found, and that nobody else appended, surely
 *   happened, and before the first of those who found it ended: it is closed at that time.
 */
export function settleGrowth(steps: readonly ModelStep[], { states, ways, hides }: Growth): ModelStep[] {
  if (steps.every(({ returnedAt }) => returnedAt !== Infinity)) return [...steps];
  const appends = new Map<number, number>();
  for (const { kind, value } of steps)
    if (kind === "append") appends.set(value, (appends.get(value) ?? 0) + 1);
  const firstSeen = firstSeenIn(steps, states);
  return steps.flatMap((step) => {
    const { kind, value, to, invokedAt, returnedAt } = step;
    if (returnedAt !== Infinity) return [step];
    if (kind !== "append") return hides && (kind === "cas" ? to : value) === LOST ? [] : [step];
    const targets = ways.targets[value];
    if (targets === undefined || states.elements[value] === "") return [step];
    if (targets.length === 0 && ways.whole && hides) return [];
    const seen = targets.flatMap(({ sure, low, high }) => (sure ? [firstSeen(low, high)] : []));
    const times = seen.filter((time) => time !== Infinity);
    const closedAt = Math.max(...times);
    return [
      times.length === appends.get(value) && closedAt > invokedAt ? { ...step, returnedAt: closedAt } : step,
    ];
  });
}

/** When the first operation ended that found one of a range; `Infinity`: none did. */
function firstSeenIn(
  steps: readonly ModelStep[],
  states: GrowingStates,
): (low: number, high: number) => number {
  const size = states.found.length;
  const first = new Float64Array(2 * size).fill(Infinity); // a segment tree, its leaves behind its inner nodes
  for (const { kind, value, returnedAt } of steps) {
    if ((kind !== "read" && kind !== "cas") || value === NOWHERE) continue;
    const leaf = size + states.same(value);
    first[leaf] = Math.min(first[leaf] as number, returnedAt);
  }
  for (let node = size - 1; node >= 1; node -= 1) {
    first[node] = Math.min(first[2 * node] as number, first[2 * node + 1] as number);
  }
  return (low, high) => {
    let least = Infinity;
    for (let [from, to] = [low + size, high + size]; from < to; from >>= 1, to >>= 1) {
      if (from & 1) least = Math.min(least, first[from++] as number);
      if (to & 1) least = Math.min(least, first[--to] as number);
    }
    return least;
  };
}
