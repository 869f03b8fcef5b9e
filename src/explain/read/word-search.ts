/*
 * Words are looked for in bytes, before anything is decoded: an automaton that follows all of them at once (Aho and
 * Corasick, 1975), one
 * table look-up a byte. Bytes that stand in no word share one column.
 */

/** The automaton. A state is the number of its row's first cell; those from `found` on mean that a word ends here. */
export interface WordTable {
  readonly next: Int32Array;
  readonly columnOf: Uint8Array;
  readonly found: number;
  /** The state after a line break, which is also one from `found` on: then both are one comparison. */
  readonly lineBreak: number;
}

interface State {
  readonly to: Map<number, number>;
  fail: number;
  ends: boolean;
}

const LINE_BREAK = 10;

/** The table of these words, none of which holds a line break. */
export function wordTable(words: readonly string[]): WordTable {
  const states = automaton(words.map((word) => Buffer.from(word)));
  const columnOf = new Uint8Array(256);
  let columns = 1;
  columnOf[LINE_BREAK] = columns++;
  for (const byte of new Set(words.flatMap((word) => [...Buffer.from(word)]))) columnOf[byte] = columns++;
  // States at which a word ends stand last, the one after a line break first of those.
  const ordinary = [...states.keys()].filter((at) => !states[at]?.ends);
  const order = [...ordinary, -1, ...[...states.keys()].filter((at) => states[at]?.ends)];
  const rowOf = new Map(order.map((state, row) => [state, row * columns]));
  const next = new Int32Array(order.length * columns);
  for (const [row, state] of order.entries()) {
    for (let byte = 0; byte < 256; byte += 1) {
      const target = byte === LINE_BREAK ? -1 : step(states, Math.max(0, state), byte);
      next[row * columns + (columnOf[byte] ?? 0)] = rowOf.get(target) ?? 0;
    }
  }
  const lineBreak = rowOf.get(-1) ?? 0;
  return { next, columnOf, found: lineBreak, lineBreak };
}

function automaton(words: readonly Uint8Array[]): State[] {
  const states: State[] = [{ to: new Map(), fail: 0, ends: false }];
  for (const word of words) {
    let at = 0;
    for (const byte of word) {
      const state = states[at] as State;
      let to = state.to.get(byte);
      if (to === undefined) {
        to = states.push({ to: new Map(), fail: 0, ends: false }) - 1;
        state.to.set(byte, to);
      }
      at = to;
    }
    (states[at] as State).ends = true;
  }
  const queue = [...(states[0] as State).to.values()];
  for (const at of queue) {
    const state = states[at] as State;
    state.ends ||= (states[state.fail] as State).ends;
    for (const [byte, to] of state.to) {
      (states[to] as State).fail = step(states, state.fail, byte);
      queue.push(to);
    }
  }
  return states;
}

function step(states: readonly State[], from: number, byte: number): number {
  for (let at = from; ; at = (states[at] as State).fail) {
    const to = (states[at] as State).to.get(byte);
    if (to !== undefined) return to;
    if (at === 0) return 0;
  }
}
