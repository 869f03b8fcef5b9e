import { makeAppendMoves } from "./append-moves.ts";
import type { Budget } from "./budget.ts";
import type { Moves } from "./moves.ts";
import { makeOpenMoves } from "./open-moves.ts";
import type { Position } from "./position.ts";
import { KIND, type Problem } from "./problem.ts";
import { NOWHERE } from "./states.ts";
import { makeStroll } from "./stroll.ts";

/** All completed writes that may come next and whose value nobody observes, as one move. */
const UNSEEN_WRITES = -1;

/** @param plain - A state may be left though it must still be found: for a search that shall come as far as it can. */
export function makeMoves(problem: Problem, position: Position, budget: Budget, plain: boolean): Moves {
  const { growth } = problem;
  const { outlook } = position;
  if (growth && outlook) return makeAppendMoves({ problem, growth, position, outlook, budget, plain });
  return makeRegisterMoves(problem, position, budget, plain);
}

function makeRegisterMoves(problem: Problem, position: Position, budget: Budget, plain: boolean): Moves {
  const { completed, kind, value, to, opAt, unseen } = problem;
  const open = makeOpenMoves(problem, position);
  const stroll = makeStroll(problem, position, budget);

  /** Would some read that must find this state never find it? */
  const forsakes = (op: number, next: number) => {
    if (plain || next === position.state || position.makers[position.state] !== 0) return false;
    const itself = op !== UNSEEN_WRITES && op < completed && kind[op] === KIND.cas ? 1 : 0;
    return (position.finders[position.state] ?? 0) > itself;
  };

  const moves: Moves = {
    list: [],
    get firstToReturn() {
      return opAt[stroll.firstReturn] as number;
    },
    collect() {
      const { list } = moves;
      let unseenWrites = false;
      open.begin();
      stroll.walk((op) => {
        const [is, of] = [kind[op], value[op] as number];
        const fits = of === position.state;
        if (is === KIND.read ? fits : is === KIND.not && !fits) return true;
        if (is === KIND.write && of === unseen) unseenWrites = true;
        else if (is === KIND.write || (is === KIND.cas && fits)) list.push(op);
        open.wants(op);
        return false;
      });
      if (unseenWrites) list.push(UNSEEN_WRITES);
      if (position.remaining > 0) open.collect(list, stroll.firstReturn);
    },
    make(move) {
      const setsIt = move !== UNSEEN_WRITES && kind[move] === KIND.cas;
      const next = move === UNSEEN_WRITES ? unseen : ((setsIt ? to[move] : value[move]) as number);
      if (forsakes(move, next)) return false;
      if (move >= completed && next === position.state) return false;
      if (unseen !== NOWHERE && !setsIt) stroll.walk((op) => kind[op] === KIND.write && value[op] === unseen);
      if (move !== UNSEEN_WRITES) position.take(move);
      position.state = next;
      return true;
    },
  };
  return moves;
}
