import type { BakeoffCell, BakeoffFeature, BakeoffRun } from "../model/bakeoff.ts";

/*
 * What tables of a bake-off tell of a cell's runs, in a terminal or on a page: no import but types, so that a page can
 * have it too.
 */

/** The most of any run; null where none measured it. */
export function mostOf({ runs }: BakeoffCell, read: (run: BakeoffRun) => number | null): number | null {
  const known = runs.map(read).filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Acknowledged, and gone with a primary that had not replicated them. */
export function lostByServers({ writes: { lost, lostByClient } }: BakeoffRun): number | null {
  return lost === null || lostByClient === null ? null : lost - lostByClient;
}

/** How a feature went: whether it worked at the end of each run, and what its callers saw in the worst. */
export interface FeatureOutcome {
  readonly works: BakeoffFeature["works"];
  /** `2 failed: NOSCRIPT`; none: all went well. */
  readonly told: readonly string[];
}

/** @returns undefined where no run tells of it */
export function featureOutcome({ runs }: BakeoffCell, name: string): FeatureOutcome | undefined {
  const found = runs.flatMap(({ features }) => features.filter(({ feature }) => feature === name));
  if (found.length === 0) return undefined;
  if (found.every(({ works }) => works === "not offered")) return { works: "not offered", told: [] };
  const most = (of: (one: BakeoffFeature) => number) => Math.max(...found.map(of));
  const errors = [...new Set(found.flatMap((one) => Object.keys(one.errors)))].join(", ");
  const counted = (count: number, text: string) => (count > 0 ? [`${count} ${text}`] : []);
  return {
    works: found.every(({ works }) => works !== "no") ? "yes" : "no",
    told: [
      ...poolTold(found),
      ...counted(
        most(({ failed }) => failed),
        `failed: ${errors}`,
      ),
      ...counted(
        most(({ unsettled }) => unsettled),
        "never settled",
      ),
      ...counted(
        most(({ missed }) => missed ?? 0),
        "messages missed",
      ),
    ],
  };
}

/** Which connections of a pool still serve, in the worst run, and how many it opened, in the run with most. */
function poolTold(found: readonly BakeoffFeature[]): string[] {
  const pools = found.flatMap(({ pool }) => pool ?? []);
  if (pools.length === 0) return [];
  const serving = Math.min(...pools.map((pool) => pool.serving));
  const opened = Math.max(...pools.map(({ connections }) => connections.after));
  return [`${serving} of ${pools[0]?.size} connections serve`, `${opened} opened after the fault`];
}

/** What each library's pool is, and which libraries say the same. */
export function poolsOf(cells: readonly BakeoffCell[]): ReadonlyMap<string, readonly string[]> {
  const named = new Map<string, string[]>();
  for (const { library, runs } of cells)
    for (const { pool } of runs.flatMap(({ features }) => features)) {
      const libraries = pool ? (named.get(pool.how) ?? []) : [];
      if (pool) named.set(pool.how, [...new Set([...libraries, library])]);
    }
  return named;
}
