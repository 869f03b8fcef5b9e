import type { Budget } from "./budget.ts";
import { LOST } from "./growing-states.ts";
import type { Growth } from "./growth.ts";
import type { Moves } from "./moves.ts";
import { makeOpenMoves } from "./open-moves.ts";
import type { Outlook } from "./outlook.ts";
import type { Position } from "./position.ts";
import { KIND, type Problem } from "./problem.ts";
import { NOWHERE } from "./states.ts";
import { makeStroll } from "./stroll.ts";

interface AppendSearch {
  readonly problem: Problem;
  readonly growth: Growth;
  readonly position: Position;
  readonly outlook: Outlook;
  readonly budget: Budget;
  readonly plain: boolean;
}

/** What may come next on a key that is appended to, by the rules that `search` tells. */
export function makeAppendMoves({ problem, growth, position, outlook, budget, plain }: AppendSearch): Moves {
  const { completed, kind, value, to, returnAt, opAt } = problem;
  const { states, ways, hides } = growth;
  const open = makeOpenMoves(problem, position);
  const stroll = makeStroll(problem, position, budget);
  const offers = makeOffers(returnAt);

  const stateAfter = (op: number) => {
    if (kind[op] === KIND.write) return value[op] as number;
    return kind[op] === KIND.cas ? (to[op] as number) : stateAfterAppend(position.state, value[op] as number);
  };
  /** Where all ways are known, what is on none of them is lost; and no texts need to be compared. */
  const stateAfterAppend = (state: number, element: number) => {
    const targets = hides && ways.whole ? ways.targets[element] : undefined;
    const added = (states.elements[element] as string).length;
    const length = states.length(state);
    if (targets === undefined || added === 0 || length === NOWHERE) return states.append(state, element);
    const [low, high] = [states.low(state), states.high(state)];
    const target = targets.find((one) => one.length === length + added && low <= one.low && one.high <= high);
    return target === undefined ? LOST : states.grown(target.low, target.high, target.length);
  };
  /** Does it only make lost what is lost already, or is about to be? */
  const isHidden = (op: number) => {
    if (!hides) return false;
    if (kind[op] === KIND.write) return value[op] === LOST;
    return kind[op] === KIND.append && outlook.isUseless(value[op] as number);
  };
  const moves: Moves = {
    list: [],
    get firstToReturn() {
      return opAt[stroll.firstReturn] as number;
    },
    collect() {
      const { list } = moves;
      offers.begin();
      open.begin();
      let hidden = NOWHERE;
      stroll.walk((op) => {
        const [is, of] = [kind[op], value[op] as number];
        const fits = of === position.state;
        if (is === KIND.read ? fits : is === KIND.not && !fits) return true;
        if (isHidden(op)) {
          if (position.state === LOST) return true;
          if (hidden === NOWHERE) hidden = op;
        } else if (is === KIND.write || is === KIND.append) offers.add(is, of, op);
        else if (is === KIND.cas && fits) list.push(op);
        open.wants(op);
        return false;
      });
      for (const op of offers.all()) list.push(op);
      if (hidden !== NOWHERE) list.push(hidden);
      if (position.remaining > 0) open.collect(list, stroll.firstReturn);
    },
    make(move) {
      const { state: before, trailLength: mark } = position;
      const next = stateAfter(move);
      if (next === NOWHERE) return false;
      if (move >= completed && (next === before || (hides && next === LOST))) return false;
      budget.steps -= 1;
      if (kind[move] === KIND.write && hides) stroll.walk((op) => op !== move && isHidden(op));
      position.take(move);
      position.state = next;
      if (plain) return true;
      const lacks = kind[move] === KIND.append && outlook.lacks(value[move] as number, next);
      if (!lacks && outlook.allows(next)) return true;
      position.giveBackTo(mark);
      position.state = before;
      return false;
    },
  };
  return moves;
}

interface Offers {
  begin(): void;
  add(kind: number, value: number, op: number): void;
  all(): Iterable<number>;
}

/**
 * Of completed operations that do the same, the one that returns first: any order with another one in its place may
 * swap the two.
 */
function makeOffers(returnAt: Int32Array): Offers {
  const byEffect = new Map<number, number>();
  return {
    begin: () => byEffect.clear(),
    add(kind, value, op) {
      const effect = kind * 2 ** 32 + value;
      const other = byEffect.get(effect);
      if (other === undefined || (returnAt[op] as number) < (returnAt[other] as number))
        byEffect.set(effect, op);
    },
    all: () => byEffect.values(),
  };
}
