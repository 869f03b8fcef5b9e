import type { Value } from "../../model/register.ts";

/** Where no state is meant. */
export const NOWHERE = -1;

/** Far more than there can be: a transition is one number. */
const MOST_STATES = 2 ** 26;

/** Values as small numbers, so that states are compared by one comparison. The number of `null` (no such key) is 0. */
export interface States {
  readonly count: number;
  of(value: Value): number;
  /** The number of something that is appended. */
  element(value: Value): number;
  /** The state after an append, or `NOWHERE` if the value of that state cannot be appended to. */
  append(state: number, element: number): number;
  /** Does this state's value begin with that of the other? */
  beginsWith(state: number, other: number): boolean;
}

/**
 * @param lists - The key holds a list: what is appended is an element, and a key that is not there is an empty list.
 *   Otherwise it holds text, as after the command APPEND.
 */
export function makeStates(lists: boolean): States {
  const numbers = new Map<string, number>();
  const texts: string[] = [];
  const elements = new Map<string, number>();
  const elementTexts: string[] = [];
  const appended = new Map<number, number>();

  // A list is `[` and each element with a comma: so a longer list begins with the text of a shorter one.
  const elementText = (element: Value) => `${canonical(element)},`;
  const textOf = (value: Value) => {
    if (typeof value === "string") return `"${value}`;
    if (lists && (value === null || Array.isArray(value)))
      return `[${(value ?? []).map(elementText).join("")}`;
    return canonical(value);
  };
  const appendText = (base: string, more: string) => {
    if (lists) return base.startsWith("[") ? base + more : undefined;
    if (base === "null") return `"${more}`;
    return base.startsWith('"') ? base + more : `"${base}${more}`;
  };

  const of = (text: string) => numberOf(text, numbers, texts);
  // Most values are texts or numbers that are met again: those need no text of ours to be found by.
  const met = new Map<Value, number>();

  of(textOf(null));
  return {
    get count() {
      return texts.length;
    },
    of(value) {
      const known = met.get(value);
      if (known !== undefined) return known;
      const number = of(textOf(value));
      if (typeof value !== "object") met.set(value, number);
      return number;
    },
    element(value) {
      const text = !lists && typeof value === "string" ? value : canonical(value);
      return numberOf(lists ? `${text},` : text, elements, elementTexts);
    },
    append(state, element) {
      const transition = element * MOST_STATES + state;
      const known = appended.get(transition);
      if (known !== undefined) return known;
      const text = appendText(texts[state] as string, elementTexts[element] as string);
      const next = text === undefined ? NOWHERE : of(text);
      appended.set(transition, next);
      return next;
    },
    beginsWith: (state, other) => (texts[state] as string).startsWith(texts[other] as string),
  };
}

function numberOf(text: string, numbers: Map<string, number>, texts: string[]): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  numbers.set(text, texts.length);
  texts.push(text);
  return texts.length - 1;
}

/** JSON that is equal where the values are. */
function canonical(value: Value): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const fields = Object.entries(value as Record<string, Value>).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(",")}}`;
}
