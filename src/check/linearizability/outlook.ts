import type { GrowingStates } from "./growing-states.ts";
import { makeRanges } from "./ranges.ts";
import { NOWHERE } from "./states.ts";
import { FINDERS, type Ways } from "./ways.ts";

/** What is still to be found on a key that is appended to, and whether it still can be. */
export interface Outlook {
  /** A completed operation that finds a state is without a place (1), or has one (-1). */
  find(state: number, by: 1 | -1): void;
  /** An operation that sets a state. */
  set(state: number, by: 1 | -1): void;
  append(element: number, by: 1 | -1): void;
  /** Can all that must be found come of this state, or else of one that is still to be set? */
  allows(state: number): boolean;
  /** Must something be found that needs this element, where none is left? `state`: where things stand. */
  lacks(element: number, state: number): boolean;
  /** Is nothing left to be found that this element could be a part of? */
  isUseless(element: number): boolean;
}

/** @param finders - As for `waysTo`: what an open operation would find is never given up. */
export function makeOutlook(states: GrowingStates, ways: Ways, finders: Uint8Array): Outlook {
  const size = states.found.length;
  const ranges = makeRanges(size);
  const counts = new Int32Array(size);
  const left = new Int32Array(states.elements.length);
  const openBefore = new Int32Array(size + 1);
  finders.forEach((finder, index) => {
    openBefore[index + 1] = (openBefore[index] as number) + (finder & FINDERS.open);
  });
  const outside = (state: number) => {
    const same = states.same(state);
    return same === NOWHERE || (states.low(state) <= same && same < states.high(state)) ? NOWHERE : same;
  };

  return {
    find(state, by) {
      const same = states.same(state);
      if (same === NOWHERE) return; // nobody can have set it: the problem is hopeless
      const before = counts[same] as number;
      counts[same] = before + by;
      if (before === 0 || before + by === 0) ranges.want(same, by);
    },
    set(state, by) {
      ranges.cover(states.low(state), states.high(state), by);
      const same = outside(state);
      if (same !== NOWHERE) ranges.cover(same, same + 1, by);
    },
    append(element, by) {
      left[element] = (left[element] as number) + by;
    },
    allows(state) {
      const all = ranges.uncovered(0, size);
      if (all === 0) return true;
      const same = outside(state);
      const other = same === NOWHERE ? 0 : ranges.uncovered(same, same + 1);
      return all === ranges.uncovered(states.low(state), states.high(state)) + other;
    },
    lacks(element, state) {
      const targets = ways.targets[element];
      if (targets === undefined) return false;
      const [low, high, length] = [states.low(state), states.high(state), states.length(state)];
      let owed = 0;
      for (const target of targets) {
        if (!target.sure) continue;
        const passed = length >= target.length && target.low <= low && high <= target.high;
        const here = passed ? ranges.wanted(low, high) : 0;
        if (ranges.wanted(target.low, target.high) > here) owed += 1;
      }
      return owed > (left[element] as number);
    },
    isUseless(element) {
      const targets = ways.whole && states.elements[element] !== "" ? ways.targets[element] : undefined;
      return (
        targets?.every(({ low, high }) => {
          const open = (openBefore[high] as number) - (openBefore[low] as number);
          return open === 0 && ranges.wanted(low, high) === 0;
        }) === true
      );
    },
  };
}
