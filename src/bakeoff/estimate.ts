import type { CellPlan } from "./cell-plan.ts";

/**
 * `runs`: the least of which the median is neither of the extremes, so that one odd run decides nothing. `parallel`:
 * what two cores bear, as most of a run is waiting; all libraries through `kill` and `pause` take 8 minutes with it.
 */
export const DEFAULTS = { runs: 3, parallel: 3 } as const;

/** Where a scenario does not say. */
const SECONDS = 20;

/**
 * How long these runs will take together, in seconds: what each scenario took where we measured it, on two cores, from
 * the start of its servers to their end.
 */
export function expectedSeconds(runs: readonly Pick<CellPlan, "scenario">[], parallel: number): number {
  const each = runs.map(({ scenario }) => scenario.takesSeconds ?? SECONDS);
  const sum = each.reduce((total, seconds) => total + seconds, 0);
  return Math.max(0, ...each, sum / parallel);
}

/** `40 s`, `8 min`. */
export function about(seconds: number): string {
  if (seconds < 90) return `${Math.max(10, Math.round(seconds / 10) * 10)} s`;
  return `${Math.round(seconds / 60)} min`;
}
