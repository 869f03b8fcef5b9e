import { type Entries, makeEntries } from "./entries.ts";
import { makeOutlook, type Outlook } from "./outlook.ts";
import { KIND, type Problem } from "./problem.ts";
import { NOWHERE } from "./states.ts";

/** Where the search stands: which operations have their place in the order, and what state that leads to. */
export interface Position {
  readonly entries: Entries;
  state: number;
  /** Completed operations without a place. */
  remaining: number;
  /** The operations with a place, in order. */
  readonly trail: Int32Array;
  trailLength: number;
  /** How many operations without a place make a state, and how many of them, completed ones, must find it. */
  readonly makers: Int32Array;
  readonly finders: Int32Array;
  /** The same, where the key is appended to. */
  readonly outlook?: Outlook;
  /** Of each class of open operations, how many have a place. */
  readonly taken: Int32Array;
  /** Gives an operation the next place. The caller sets the state. */
  take(op: number): void;
  /** Takes places back, the last first, until the trail has that length. */
  giveBackTo(length: number): void;
  /** Writes down what tells this position from all others that matter; returns how many numbers that takes. */
  describe(row: Int32Array): number;
  /** Numbers that `describe` writes at the most. */
  readonly longestRow: number;
}

export function makePosition(problem: Problem): Position {
  const { completed, kind, value, to, opAt, classOf, growth } = problem;
  const entries = makeEntries(problem);
  const placed = new Int32Array((completed >> 5) + 1);
  const outlook = growth && makeOutlook(growth.states, growth.ways, growth.finders);
  const count = outlook ? countIn(problem, outlook) : countStates;
  for (let op = 0; outlook && op < kind.length; op += 1) count(op, 1);

  /** The classes of which some have a place, where that still matters, and how many these are. */
  const describeTaken = (row: Int32Array, from: number) => {
    let length = from;
    position.taken.forEach((taken, number) => {
      if (taken === 0 || !isWanted(number)) return;
      row[length] = number;
      row[length + 1] = taken;
      length += 2;
    });
    row[length] = length - from; // at the end, so that it is told from what stands before
    return length + 1;
  };
  const isWanted = wantedClasses(problem, (state) => position.finders[state] !== 0);

  function countStates(op: number, by: 1 | -1): void {
    if (kind[op] === KIND.write) add(position.makers, value[op], by);
    if (kind[op] === KIND.cas) add(position.makers, to[op], by);
    if (op < completed && (kind[op] === KIND.read || kind[op] === KIND.cas)) {
      add(position.finders, value[op], by);
    }
  }

  const position: Position = {
    entries,
    state: problem.initial,
    remaining: completed,
    trail: new Int32Array(kind.length),
    trailLength: 0,
    makers: problem.makers.slice(),
    finders: problem.finders.slice(),
    ...(outlook && { outlook }),
    taken: new Int32Array(problem.classes.length),
    longestRow: 3 + placed.length + 2 * problem.classes.length,
    take(op) {
      if (op < completed) {
        entries.lift(op);
        placed[op >> 5] = (placed[op >> 5] as number) | (1 << (op & 31));
        position.remaining -= 1;
      } else {
        add(position.taken, classOf[op], 1);
      }
      count(op, -1);
      position.trail[position.trailLength] = op;
      position.trailLength += 1;
    },
    giveBackTo(length) {
      while (position.trailLength > length) {
        position.trailLength -= 1;
        const op = position.trail[position.trailLength] as number;
        count(op, 1);
        if (op < completed) {
          entries.putBack(op);
          placed[op >> 5] = (placed[op >> 5] as number) & ~(1 << (op & 31));
          position.remaining += 1;
        } else {
          add(position.taken, classOf[op], -1);
        }
      }
    },
    // All operations below the first one without a place have one, so their number tells where the last of the others
    // is.
    describe(row) {
      const first = opAt[entries.first()] as number;
      row[0] = position.state;
      row[1] = first;
      let length = 2;
      let word = first >> 5;
      for (let left = completed - position.remaining - (word << 5); left > 0; word += 1) {
        const bits = placed[word] as number;
        row[length] = bits;
        length += 1;
        left -= ones(bits);
      }
      return problem.classes.length === 0 ? length : describeTaken(row, length);
    },
  };
  return position;
}

/**
 * May an open operation of this class still help somebody? Otherwise it does not matter how many of them have a place.
 */
function wantedClasses(
  { kind, value, to, classes, growth }: Problem,
  isSought: (state: number) => boolean,
): (number: number) => boolean {
  if (growth || kind.includes(KIND.not)) return () => true;
  const targets = classes.map(([op = 0]) => (kind[op] === KIND.cas ? to[op] : value[op]) as number);
  const foundByOpen = new Set(
    classes.flatMap(([op = 0]) => (kind[op] === KIND.cas ? [value[op] as number] : [])),
  );
  return (number) => {
    const target = targets[number] as number;
    return isSought(target) || foundByOpen.has(target);
  };
}

/** Tells the outlook of an operation that is without a place (1), or has one (-1). */
function countIn(
  { completed, kind, value, to }: Problem,
  outlook: Outlook,
): (op: number, by: 1 | -1) => void {
  return (op, by) => {
    const [is, of] = [kind[op], value[op] as number];
    if (is === KIND.append) outlook.append(of, by);
    if (is === KIND.write) outlook.set(of, by);
    if (is === KIND.cas) outlook.set(to[op] as number, by);
    if (op < completed && (is === KIND.read || is === KIND.cas) && of !== NOWHERE) outlook.find(of, by);
  };
}

function add(counts: Int32Array, index: number | undefined, by: number): void {
  counts[index as number] = (counts[index as number] as number) + by;
}

/** How many bits of 32 are set (Henry Warren, "Hacker's Delight", 5-1). */
function ones(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
