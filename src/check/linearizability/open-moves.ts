import type { Position } from "./position.ts";
import { KIND, type Problem } from "./problem.ts";

/**
 * Of the open operations, those that help one that may come next: by setting what it must find, or something else than
 * it must not find.
 */
export interface OpenMoves {
  begin(): void;
  /** A completed operation that may come next, but does not fit as things are. */
  wants(op: number): void;
  collect(list: number[], firstReturn: number): void;
}

export function makeOpenMoves(problem: Problem, position: Position): OpenMoves {
  const { kind, value, to, callAt, classes } = problem;
  const appends = kind.includes(KIND.append);
  const byTarget = new Map<number, number[]>();
  classes.forEach((ops, number) => {
    const op = ops[0] as number;
    const target = kind[op] === KIND.cas ? (to[op] as number) : (value[op] as number);
    const same = byTarget.get(target) ?? [];
    byTarget.set(target, same);
    same.push(number);
  });
  const wanted = new Set<number>();
  let anything = false;

  const firstOf = (number: number, firstReturn: number) => {
    const op = classes[number]?.[position.taken[number] as number];
    return op !== undefined && (callAt[op] as number) < firstReturn ? op : undefined;
  };
  return {
    begin() {
      wanted.clear();
      anything = false;
    },
    wants(op) {
      if (classes.length === 0) return;
      if (kind[op] === KIND.write) return;
      if (appends || kind[op] === KIND.not) anything = true;
      else wanted.add(value[op] as number);
    },
    collect(list, firstReturn) {
      const fits = (op: number) => kind[op] !== KIND.cas || value[op] === position.state;
      if (anything) {
        for (let number = 0; number < classes.length; number += 1) {
          const op = firstOf(number, firstReturn);
          if (op !== undefined && fits(op)) list.push(op);
        }
        return;
      }
      for (const state of wanted) {
        // A set visits what is added while it is walked: what an open cas must find is wanted as well.
        for (const number of byTarget.get(state) ?? []) {
          const op = firstOf(number, firstReturn);
          if (op === undefined) continue;
          if (fits(op)) list.push(op);
          else wanted.add(value[op] as number);
        }
      }
    },
  };
}
