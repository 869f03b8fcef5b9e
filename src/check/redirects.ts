import type { Result } from "../model/result.ts";
import type { Figures } from "./checker.ts";
import type { Facts } from "./facts.ts";

/** Of all of them together; `null`: one of them is not known. */
export function sumOf(counts: readonly (number | null)[]): number | null {
  return counts.reduce((all, one) => (all === null || one === null ? null : all + one), 0);
}

/** How often clients were sent elsewhere: the drill's own, and those of which checkers know. */
export function redirectsOf(facts: Facts, figures: readonly Figures[]): Result["redirects"] {
  const main = facts.observations("redirects").at(-1) ?? { moved: 0, ask: 0 };
  const all = [main, ...figures.flatMap(({ redirects }) => redirects ?? [])];
  return { moved: sumOf(all.map(({ moved }) => moved)), ask: sumOf(all.map(({ ask }) => ask)) };
}
