import type { Budget } from "./budget.ts";
import type { Position } from "./position.ts";
import type { Problem } from "./problem.ts";

/** Goes along the operations that may come next. */
export interface Stroll {
  /** The place of the first return that was met: what is called later must wait. */
  readonly firstReturn: number;
  /** Walks the calls before the first return. What `visit` says yes to is placed, and may let the walk come further. */
  walk(visit: (op: number) => boolean): void;
}

export function makeStroll({ callAt, opAt }: Problem, position: Position, budget: Budget): Stroll {
  const { entries } = position;
  let firstReturn = 0;
  return {
    get firstReturn() {
      return firstReturn;
    },
    walk(visit) {
      let kept = 0;
      let place = entries.first();
      for (; place !== 0; place = entries.after(kept)) {
        const op = opAt[place] as number;
        if (callAt[op] !== place) break;
        budget.steps -= 1;
        if (visit(op)) position.take(op);
        else kept = place;
      }
      firstReturn = place;
    },
  };
}
