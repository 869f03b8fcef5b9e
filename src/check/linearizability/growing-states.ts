import type { Value } from "../../model/register.ts";
import { canonical, makeStates, NOWHERE, type States } from "./states.ts";

/** A value that nobody finds, and that no append turns into one that somebody finds: all of those are one state. */
export const LOST = 0;
/** The same, where nothing can be appended to it. */
export const LOST_FOR_GOOD = 1;

/** Longer than a text can be. `low * LONGEST + length` is one number. */
const LONGEST = 2 ** 30;

/**
 * The states of a key that is appended to. A text or list matters only as the beginning of values that somebody found:
 * so a state is a range of those, in alphabetical order, and a length. It takes the same few bytes however long the
 * text is.
 *
 *     found      0 "W"   1 "W<0>"   2 "W<0><1>"   3 "X"
 *     "W<0>"     low 1, high 3, length 4               all from 1 to 2 begin with it
 *     "W<1>"     LOST
 */
export interface GrowingStates extends States {
  /** What somebody found, each once, in order, as texts of ours. */
  readonly found: readonly string[];
  /** Texts of what is appended, by element. */
  readonly elements: readonly string[];
  /** What the state may become by appends, or is: `found[low]` to `found[high - 1]`. */
  low(state: number): number;
  high(state: number): number;
  /** Length of the text that these begin with; `NOWHERE`: nothing can be appended. */
  length(state: number): number;
  /** The one that it is; `NOWHERE`: nobody finds exactly this. */
  same(state: number): number;
  /** The number of something that is appended. */
  element(value: Value): number;
  /** The state that is this range of what is found, up to a length. */
  grown(low: number, high: number, length: number): number;
  /** The state after an append, or `NOWHERE` if the value of that state cannot be appended to. */
  append(state: number, element: number): number;
}

/**
 * @param lists - The key holds a list: what is appended is an element, and a key that is not there is an empty list.
 *   Otherwise it holds text, as after the command APPEND.
 * @param values - All that is found, or must not be found.
 */
export function makeGrowingStates(lists: boolean, values: readonly Value[]): GrowingStates {
  const { encode, element, elements } = lists ? makeListCode() : makeTextCode();
  const found = [...new Set(values.map((value) => encode(value).is))].sort(byUnits);
  const placeOf = new Map(found.map((text, index) => [text, index]));
  const [lows, highs, lengths, sames] = [
    [0, 0],
    [0, 0],
    [0, NOWHERE],
    [NOWHERE, NOWHERE],
  ];
  const grown = new Map<number, number>();
  const others = new Map<string, number>();

  const addState = (low: number, high: number, length: number, same: number) => {
    lows.push(low);
    highs.push(high);
    lengths.push(length);
    sames.push(same);
    return lows.length - 1;
  };
  const grownState = (low: number, high: number, length: number) => {
    if (low === high) return LOST;
    const name = low * LONGEST + length;
    const known = grown.get(name);
    if (known !== undefined) return known;
    const same = found[low]?.length === length ? low : NOWHERE; // of those that begin with it, the shortest comes first
    const state = addState(low, high, length, same);
    grown.set(name, state);
    return state;
  };
  const otherState = (is: string, grows: string | undefined) => {
    const known = others.get(is);
    if (known !== undefined) return known;
    const [low, high] = grows === undefined ? [0, 0] : narrow(found, 0, found.length, 0, grows);
    const same = placeOf.get(is) ?? NOWHERE;
    const lost = grows === undefined ? LOST_FOR_GOOD : LOST;
    const state =
      low === high && same === NOWHERE ? lost : addState(low, high, grows?.length ?? NOWHERE, same);
    others.set(is, state);
    return state;
  };

  return {
    found,
    elements,
    get count() {
      return lows.length;
    },
    low: (state) => lows[state] as number,
    high: (state) => highs[state] as number,
    length: (state) => lengths[state] as number,
    same: (state) => sames[state] as number,
    of(value) {
      const { is, grows } = encode(value);
      if (is !== grows) return otherState(is, grows);
      return grownState(...narrow(found, 0, found.length, 0, is), is.length);
    },
    element,
    grown: grownState,
    append(state, added) {
      const length = lengths[state] as number;
      if (length === NOWHERE || state === LOST) return length === NOWHERE ? NOWHERE : LOST;
      const more = elements[added] as string;
      const [low, high] = narrow(found, lows[state] as number, highs[state] as number, length, more);
      return grownState(low, high, length + more.length);
    },
  };
}

/**
 * Of `texts[low]` to `texts[high - 1]`, which are alike up to `at`, those that go on with `more`: again a range.
 */
export function narrow(
  texts: readonly string[],
  low: number,
  high: number,
  at: number,
  more: string,
): [low: number, high: number] {
  const goesOn = (index: number) => (texts[index] as string).startsWith(more, at);
  // Mostly all do, but for the first, which may end there.
  const first = low < high && (texts[low] as string).length === at && more !== "" ? low + 1 : low;
  if (first >= high) return [low, low];
  if (goesOn(first) && goesOn(high - 1)) return [first, high];
  if (first === high - 1) return [first, first];
  const end = at + more.length;
  const firstWhere = (from: number, holds: (text: string) => boolean) => {
    let [a, b] = [from, high];
    while (a < b) {
      const middle = (a + b) >> 1;
      if (holds((texts[middle] as string).slice(at, end))) b = middle;
      else a = middle + 1;
    }
    return a;
  };
  const from = firstWhere(first, (text) => text >= more);
  return [from, firstWhere(from, (text) => text > more)];
}

/** A value as a text of ours, and the text that appends make longer, where there can be any. */
interface Encoded {
  readonly is: string;
  readonly grows?: string;
}

interface Code {
  encode(value: Value): Encoded;
  element(value: Value): number;
  readonly elements: readonly string[];
}

function makeTextCode(): Code {
  const numbers = new Map<string, number>();
  const elements: string[] = [];
  return {
    elements,
    encode(value) {
      if (typeof value === "string") return { is: `"${value}`, grows: `"${value}` };
      return { is: `=${canonical(value)}`, grows: value === null ? '"' : `"${canonical(value)}` };
    },
    element(value) {
      const text = typeof value === "string" ? value : canonical(value);
      const known = numbers.get(text);
      if (known !== undefined) return known;
      numbers.set(text, elements.length);
      return elements.push(text) - 1;
    },
  };
}

/** Two characters an element, whatever it is: a longer list begins with the text of a shorter one. */
function makeListCode(): Code {
  const numbers = makeStates();
  const elements: string[] = [];
  const element = (value: Value) => {
    const number = numbers.of(value);
    if (number === elements.length) elements.push(String.fromCharCode(number >>> 15, number & 0x7fff));
    return number;
  };
  return {
    elements,
    element,
    encode(value) {
      if (value !== null && !Array.isArray(value)) return { is: `=${canonical(value)}` };
      const list = (value ?? []) as readonly Value[];
      const text = `[${list.map((inner) => elements[element(inner)]).join("")}`;
      return { is: text, grows: text };
    },
  };
}

function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
