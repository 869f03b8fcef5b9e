import type { Value } from "../../model/register.ts";

/** Where no state is meant. */
export const NOWHERE = -1;

/** Values as small numbers, so that states are compared by one comparison. */
export interface States {
  readonly count: number;
  of(value: Value): number;
}

/**
 * The states of a key that is never appended to, or the elements of one that is: values with a number each, in the
 * order in which they come. Texts are not copied: the history holds them already.
 */
export function makeStates(): States {
  const simple = new Map<Value, number>();
  const composed = new Map<string, number>();
  let count = 0;
  const numberIn = <Name>(numbers: Map<Name, number>, name: Name) => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, count);
    count += 1;
    return count - 1;
  };
  return {
    get count() {
      return count;
    },
    of(value) {
      const isComposed = typeof value === "object" && value !== null;
      return isComposed ? numberIn(composed, canonical(value)) : numberIn(simple, value);
    },
  };
}

/** JSON that is equal where the values are. */
export function canonical(value: Value): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const fields = Object.entries(value as Record<string, Value>).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(",")}}`;
}
