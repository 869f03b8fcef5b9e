import type { Problem } from "./problem.ts";

/**
 * The calls and returns of the operations that have no place in the order yet, as a doubly linked list of places. An
 * operation that gets its place is lifted out; to take it back, it is put where it was, in the reverse order of lifting
 * (Wing and Gong, "Testing and Verifying Concurrent Objects", 1993).
 */
export interface Entries {
  /** The first place, 0 if none is left. */
  first(): number;
  after(place: number): number;
  lift(op: number): void;
  putBack(op: number): void;
}

export function makeEntries({ completed, callAt, returnAt, opAt }: Problem): Entries {
  const next = new Int32Array(opAt.length);
  const previous = new Int32Array(opAt.length);
  let last = 0;
  for (let place = 1; place < opAt.length; place += 1) {
    if ((opAt[place] as number) >= completed) continue; // open: its call bounds nothing, and it has no return
    next[last] = place;
    previous[place] = last;
    last = place;
  }
  previous[0] = last;

  const unlink = (place: number) => {
    const [before, after] = [previous[place] as number, next[place] as number];
    next[before] = after;
    previous[after] = before;
  };
  const relink = (place: number) => {
    next[previous[place] as number] = place;
    previous[next[place] as number] = place;
  };
  return {
    first: () => next[0] as number,
    after: (place) => next[place] as number,
    lift(op) {
      unlink(callAt[op] as number);
      unlink(returnAt[op] as number);
    },
    putBack(op) {
      relink(returnAt[op] as number);
      relink(callAt[op] as number);
    },
  };
}
