import type { Facts } from "./facts.ts";

/** Computes it once for each history, however often it is asked for. */
export function once<T>(compute: (facts: Facts) => T): (facts: Facts) => T {
  const known = new WeakMap<Facts, { readonly value: T }>();
  return (facts) => {
    const found = known.get(facts) ?? { value: compute(facts) };
    known.set(facts, found);
    return found.value;
  };
}
