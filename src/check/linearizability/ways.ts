import type { GrowingStates } from "./growing-states.ts";
import { type Edge, type ElementsByLength, type Walk, walkTo } from "./walk.ts";

/** The state that an append of an element leads to, on a way to something that is found. */
export interface Target {
  readonly low: number;
  readonly high: number;
  readonly length: number;
  /** Each way to anything that is found and begins like this leads here by this element. */
  readonly sure: boolean;
}

/** How what is found can have been made: by which appends, each to what. */
export interface Ways {
  /** By element; `undefined`: there are too many. */
  readonly targets: readonly (readonly Target[] | undefined)[];
  /** Are those all? Otherwise there were too many ways to look at. */
  readonly whole: boolean;
  /** Something was found that no appends to a value that was set can have made. */
  readonly hopeless: boolean;
  /** How much was looked at, in steps. */
  readonly cost: number;
}

/** Of what is found, by whom: by operations that perhaps never happened, by some that ended, or both. */
export const FINDERS = { open: 1, ended: 2 } as const;

/** Targets of one element that are kept. One that is appended everywhere tells nothing. */
const MOST_TARGETS = 8;
/** What looking may cost, in look-ups of an element. */
const MOST_COST = 4_000_000;
const COMPARED_A_LOOK_UP = 16;

/**
 * Walks to each found value, from the values that were set, by the elements that it goes on with.
 *
 *     found "W<0><1>"    W ──<0>──▶ W<0> ──<1>──▶ W<0><1>       both are sure
 *     found "xxx"        x ──▶ xx ──▶ xxx                        and around, if "xx" is appended too: none is sure
 *
 * @param bases - States that were set: the first one, and those that writes and cas lead to.
 * @param finders - For each of `states.found`, the sum of its `FINDERS`.
 */
export function waysTo(
  states: GrowingStates,
  bases: readonly number[],
  appended: Iterable<number>,
  finders: Uint8Array,
): Ways {
  const elements = byLength(states, appended);
  const targets = makeTargets();
  const sought = new Uint8Array(finders.length);
  let [whole, hopeless, cost] = [true, false, 0];
  let last: Walk | undefined;
  for (let index = finders.length - 1; index >= 0; index -= 1) {
    const finder = finders[index] as number;
    if (finder === 0) continue;
    const text = states.found[index] as string;
    const set = bases.some((state) => states.same(state) === index);
    const starts = bases
      .filter((state) => states.low(state) <= index && index < states.high(state))
      .map((state) => ({ length: states.length(state), low: states.low(state), high: states.high(state) }));
    cost += 1 + (bases.length + text.length) / COMPARED_A_LOOK_UP;
    // Each way to the beginning of a value goes on to that value, if one does.
    if (last?.good.has(text.length) && last.text.startsWith(text)) continue;
    sought[index] = 1;
    const walk = walkTo(states, text, starts, elements, MOST_COST - cost);
    if (walk === undefined) {
      whole = false;
      cost = MOST_COST;
      continue;
    }
    cost += walk.cost;
    last = walk;
    if ((finder & FINDERS.ended) !== 0 && !set && walk.good.size === 0) hopeless = true;
    for (const edge of walk.useful) targets.add(edge, walk.sure.has(edge));
  }
  return { targets: targets.all(states.elements.length, sought), whole, hopeless, cost };
}

function byLength(states: GrowingStates, appended: Iterable<number>): ElementsByLength {
  const groups = new Map<number, Map<string, number>>();
  for (const element of appended) {
    const text = states.elements[element] as string;
    const group = groups.get(text.length) ?? new Map<string, number>();
    groups.set(text.length, group);
    group.set(text, element);
  }
  groups.delete(0); // nothing is appended: that is on no way
  return groups;
}

interface Targets {
  add(edge: Edge, sure: boolean): void;
  all(elements: number, sought: Uint8Array): (readonly Target[] | undefined)[];
}

function makeTargets(): Targets {
  interface Counted {
    readonly edge: Edge;
    sure: number;
  }
  const byElement = new Map<number, Counted[] | undefined>();
  return {
    add(edge, sure) {
      if (!byElement.has(edge.element)) byElement.set(edge.element, []);
      const known = byElement.get(edge.element);
      if (known === undefined) return;
      const same = known.find((other) => other.edge.low === edge.low && other.edge.to === edge.to);
      const counted = same ?? { edge, sure: 0 };
      if (!same) known.push(counted);
      if (sure) counted.sure += 1;
      if (known.length > MOST_TARGETS) byElement.set(edge.element, undefined);
    },
    all(elements, sought) {
      const before = new Int32Array(sought.length + 1);
      sought.forEach((one, index) => {
        before[index + 1] = (before[index] as number) + one;
      });
      return Array.from({ length: elements }, (_, element) => {
        if (!byElement.has(element)) return [];
        return byElement.get(element)?.map(({ edge: { low, high, to }, sure }) => ({
          low,
          high,
          length: to,
          sure: sure === (before[high] as number) - (before[low] as number),
        }));
      });
    },
  };
}
