import type { Budget } from "./budget.ts";
import type { Position } from "./position.ts";
import { KIND, type Problem } from "./problem.ts";
import { NOWHERE } from "./states.ts";

/** All completed writes that may come next and whose value nobody observes, as one move. */
const UNSEEN_WRITES = -1;

/** What may come next, by the rules that `search` tells. */
export interface Moves {
  /** Moves of all positions on the way here, those of this one last. */
  readonly list: number[];
  /** The operation that returns first of those without a place: nothing called later may come before it. */
  readonly firstToReturn: number;
  /** Places the reads that fit, then puts the moves that may be made now at the end of the list. */
  collect(): void;
  /** Makes a move. `false`: it leads nowhere, and nothing was changed. */
  make(move: number): boolean;
}

/** @param plain - A state may be left though it must still be found: for a search that shall come as far as it can. */
export function makeMoves(problem: Problem, position: Position, budget: Budget, plain: boolean): Moves {
  const { completed, kind, value, to, callAt, opAt, states, unseen } = problem;
  const { entries } = position;
  const open = makeOpenMoves(problem, position);
  let firstReturn = 0;

  /** Walks the calls before the first return. What `visit` places is gone, and may let the walk come further. */
  const walk = (visit: (op: number) => boolean) => {
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
  };
  const placeUnseenWrites = () => walk((op) => kind[op] === KIND.write && value[op] === unseen);

  const stateAfter = (op: number) => {
    if (kind[op] === KIND.write) return value[op] as number;
    if (kind[op] === KIND.cas) return to[op] as number;
    const next = states.append(position.state, value[op] as number);
    const { longest } = problem;
    const leadsToLongest =
      longest === NOWHERE ||
      next === NOWHERE ||
      states.beginsWith(longest, next) ||
      states.beginsWith(position.state, longest);
    return leadsToLongest ? next : NOWHERE;
  };
  /** Would some read that must find this state never find it? */
  const forsakes = (op: number, next: number) => {
    if (plain || next === position.state) return false;
    const { comesAgain } = problem;
    const again =
      comesAgain === "perhaps" || (comesAgain === "makers" && position.makers[position.state] !== 0);
    if (again) return false;
    const itself = op !== UNSEEN_WRITES && op < completed && kind[op] === KIND.cas ? 1 : 0;
    return (position.finders[position.state] ?? 0) > itself;
  };

  const moves: Moves = {
    list: [],
    get firstToReturn() {
      return opAt[firstReturn] as number;
    },
    collect() {
      const { list } = moves;
      let unseenWrites = false;
      open.begin();
      walk((op) => {
        const [is, of] = [kind[op], value[op] as number];
        const fits = of === position.state;
        if (is === KIND.read ? fits : is === KIND.not && !fits) return true;
        if (is === KIND.write && of === unseen) unseenWrites = true;
        else if (is === KIND.write || is === KIND.append || (is === KIND.cas && fits)) list.push(op);
        open.wants(op);
        return false;
      });
      if (unseenWrites) list.push(UNSEEN_WRITES);
      if (position.remaining > 0) open.collect(list, firstReturn);
    },
    make(move) {
      const next = move === UNSEEN_WRITES ? unseen : stateAfter(move);
      if (next === NOWHERE || forsakes(move, next)) return false;
      if (move >= completed && next === position.state) return false;
      if (unseen !== NOWHERE && (move === UNSEEN_WRITES || kind[move] === KIND.write)) placeUnseenWrites();
      if (move !== UNSEEN_WRITES) position.take(move);
      position.state = next;
      return true;
    },
  };
  return moves;
}

interface OpenMoves {
  begin(): void;
  /** A completed operation that may come next, but does not fit as things are. */
  wants(op: number): void;
  collect(list: number[], firstReturn: number): void;
}

/** Of the open operations, those that help one that may come next: by setting what it must find, or something else than it must not find. */
function makeOpenMoves(problem: Problem, position: Position): OpenMoves {
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
