import type { RegisterOperation } from "../../model/register.ts";
import { type Growth, makeGrowth, settleGrowth } from "./growth.ts";
import { type ModelStep, modelStepsOf } from "./model-steps.ts";
import { settle } from "./settle.ts";
import { NOWHERE } from "./states.ts";

/** Kinds of steps as numbers, in the order in which `ModelStep` tells them. */
export const KIND = { read: 0, not: 1, write: 2, cas: 3, append: 4 } as const satisfies Record<
  ModelStep["kind"],
  number
>;

/**
 * The history of one key, ready for the search: arrays of numbers. Completed operations have the numbers 0 to
 * `completed - 1` in the order of their invocations; open ones follow.
 *
 *     places  1  2  3  4 …        each the call or the return of one operation, in order of time; 0 is no place
 *     opAt    0  1  0  2 …        the operation; an open one has a call only
 */
export interface Problem {
  readonly completed: number;
  readonly kind: Uint8Array;
  readonly value: Int32Array;
  readonly to: Int32Array;
  readonly callAt: Int32Array;
  readonly returnAt: Int32Array;
  readonly opAt: Int32Array;
  /** Place in the list of operations that was given. */
  readonly source: Int32Array;
  /**
   * Open operations that are alike, each class in the order of the calls: any one of them will do as well as another.
   */
  readonly classes: readonly Int32Array[];
  readonly classOf: Int32Array;
  readonly initial: number;
  /** How many operations may still make a state, and how many completed ones must still find it, at the beginning. */
  readonly makers: Int32Array;
  readonly finders: Int32Array;
  /**
   * The state of all values that nobody observes, which none but a write leads to; `NOWHERE` where they must be told
   * apart.
   */
  readonly unseen: number;
  /** Where the key is appended to. `makers`, `finders` and `unseen` then tell nothing. */
  readonly growth?: Growth;
  /** Some value was found that nobody can have set. */
  readonly hopeless: boolean;
  /** What making it took, in steps. */
  readonly cost: number;
}

/** @param plain - Nothing is settled beforehand: for a search that shall come as far as it can, and not be quick. */
export function makeProblem(operations: readonly RegisterOperation[], plain: boolean): Problem {
  const { steps: all, states, growing } = modelStepsOf(operations);
  const initial = states.of(null);
  const growth = growing && makeGrowth(all, growing, initial);
  const settled = plain ? all : growth ? settleGrowth(all, growth) : settle(all, initial);
  const steps = inOrder(settled);
  const completed = steps.filter(({ returnedAt }) => returnedAt !== Infinity).length;
  const unseen = !growth && all.every(({ kind }) => kind !== "not") ? states.count : NOWHERE;
  const arrays = arraysOf(steps, completed, growth ? 0 : states.count + 1, unseen);
  return {
    completed,
    ...arrays,
    ...placesOf(steps, completed),
    ...classesOf(arrays, completed),
    initial,
    unseen,
    ...(growth && { growth }),
    hopeless: growth ? growth.hopeless : steps.some((step) => findsNobodys(step, arrays.makers, initial)),
    cost: operations.length + (growth?.cost ?? 0),
  };
}

/** Completed ones first, each part in the order of the calls. */
function inOrder(steps: readonly ModelStep[]): ModelStep[] {
  const part = (open: boolean) =>
    steps
      .filter(({ returnedAt }) => (returnedAt === Infinity) === open)
      .sort((a, b) => a.invokedAt - b.invokedAt);
  return [...part(false), ...part(true)];
}

type Arrays = Pick<Problem, "kind" | "value" | "to" | "source" | "makers" | "finders">;

/** The steps as arrays of numbers, those values that nobody observes made one. */
function arraysOf(steps: readonly ModelStep[], completed: number, states: number, unseen: number): Arrays {
  const seen = new Uint8Array(states);
  for (const { kind, value } of steps) if (kind !== "write" && value !== NOWHERE) seen[value] = 1;
  const isUnseen = (state: number) => unseen !== NOWHERE && seen[state] === 0;
  const arrays: Arrays = {
    kind: new Uint8Array(steps.length),
    value: new Int32Array(steps.length),
    to: new Int32Array(steps.length),
    source: new Int32Array(steps.length),
    makers: new Int32Array(states),
    finders: new Int32Array(states),
  };
  const { makers, finders } = arrays;
  steps.forEach((step, op) => {
    const { kind, source } = step;
    const value = kind === "write" && isUnseen(step.value) ? unseen : step.value;
    const to = kind === "cas" && isUnseen(step.to) ? unseen : step.to;
    arrays.kind[op] = KIND[kind];
    arrays.value[op] = value;
    arrays.to[op] = to;
    arrays.source[op] = source;
    if (kind === "write") makers[value] = (makers[value] as number) + 1;
    if (kind === "cas") makers[to] = (makers[to] as number) + 1;
    const finds = (kind === "read" || kind === "cas") && op < completed && value !== NOWHERE;
    if (finds) finders[value] = (finders[value] as number) + 1;
  });
  return arrays;
}

function findsNobodys({ kind, value, returnedAt }: ModelStep, makers: Int32Array, initial: number): boolean {
  if ((kind !== "read" && kind !== "cas") || returnedAt === Infinity) return false;
  return value === NOWHERE || (value !== initial && makers[value] === 0);
}

/**
 * All calls and returns in the order of time; of two at one time the call comes first, so that the operations overlap.
 */
function placesOf(
  steps: readonly ModelStep[],
  completed: number,
): Pick<Problem, "callAt" | "returnAt" | "opAt"> {
  const invokedAt = Float64Array.from(steps, (step) => step.invokedAt);
  const returnedAt = Float64Array.from(steps, (step) => step.returnedAt);
  const numbers = Int32Array.from(steps, (_, op) => op);
  const byTime = (times: Float64Array) => (a: number, b: number) =>
    (times[a] as number) - (times[b] as number);
  const calls = completed === steps.length ? numbers : numbers.toSorted(byTime(invokedAt)); // they are in order
  const returns = numbers.slice(0, completed).sort(byTime(returnedAt));
  const callAt = new Int32Array(steps.length);
  const returnAt = new Int32Array(completed);
  const opAt = new Int32Array(steps.length + completed + 1);
  for (let place = 1, call = 0, end = 0; place < opAt.length; place += 1) {
    const [calling, returning] = [calls[call] as number, returns[end] as number];
    const callNext =
      end === completed ||
      (call < calls.length && (invokedAt[calling] as number) <= (returnedAt[returning] as number));
    const op = callNext ? calling : returning;
    if (callNext) callAt[op] = place;
    else returnAt[op] = place;
    opAt[place] = op;
    if (callNext) call += 1;
    else end += 1;
  }
  return { callAt, returnAt, opAt };
}

function classesOf({ kind, value, to }: Arrays, completed: number): Pick<Problem, "classes" | "classOf"> {
  const members = new Map<string, number[]>();
  const classOf = new Int32Array(kind.length).fill(NOWHERE);
  for (let op = completed; op < kind.length; op += 1) {
    const name = `${kind[op]} ${value[op]} ${to[op]}`;
    const alike = members.get(name) ?? [];
    members.set(name, alike);
    alike.push(op);
  }
  const classes = [...members.values()].map((ops) => Int32Array.from(ops));
  classes.forEach((ops, number) => {
    for (const op of ops) classOf[op] = number;
  });
  return { classes, classOf };
}
