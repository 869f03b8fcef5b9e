import { MAX_SEED } from "../base/random.ts";
import { spread } from "../base/spread.ts";
import { requireAvailable } from "../model/availability.ts";
import type { BakeoffCell, BakeoffRun, Lasted } from "../model/bakeoff.ts";
import { messageOf } from "../model/errors.ts";
import { brokenRun, isForUser } from "./broken-run.ts";
import { runCell } from "./cell.ts";
import type { CellOptions } from "./cell-plan.ts";
import type { GridCell } from "./grid.ts";

export interface BakeoffOptions extends Omit<CellOptions, "seed" | "run" | "replay"> {
  /** Of the first round; each round has the next one, the same for all cells. */
  readonly firstSeed: number;
  /** How often each cell is run. */
  readonly runs: number;
  /** How many cells are run at the same time, each on a topology of its own. */
  readonly parallel: number;
  replayOf(cell: GridCell, seed: number): string;
  onRun(cell: GridCell, run: BakeoffRun): void;
}

/**
 * Runs every cell, in rounds: each cell once, then each again, so that what changes on the machine meanwhile falls on
 * all alike. An environment that broke is a run without a verdict. Ends early, with what there is, when the signal
 * aborts.
 *
 * @throws DrillError what a user can mend: a capability that the driver lacks, a package that is not installed
 */
export async function runBakeoff(grid: readonly GridCell[], options: BakeoffOptions): Promise<BakeoffCell[]> {
  const cells = grid.filter(({ unsupported }) => !unsupported);
  for (const { scenario } of cells) {
    const on = { capable: options.driver, name: `${options.driver.name} driver` };
    requireAvailable(`the scenario ${scenario.name}`, scenario, { on });
  }
  const all = new Map<GridCell, BakeoffRun[]>(grid.map((cell) => [cell, []]));
  const queue = Array.from({ length: options.runs }, (_, index) =>
    cells.map((cell) => ({ cell, run: index + 1 })),
  ).flat();
  const failures: unknown[] = [];
  const worker = async () => {
    for (
      let next = queue.shift();
      next && !options.signal.aborted && failures.length === 0;
      next = queue.shift()
    ) {
      const { cell, run } = next;
      try {
        const said = await attempt(cell, run, options);
        all.get(cell)?.push(said);
        options.onRun(cell, said);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, worker));
  if (failures.length > 0 && !options.signal.aborted) throw failures[0];
  return grid.map((cell) =>
    cellOf(
      cell,
      (all.get(cell) ?? []).toSorted((a, b) => a.run - b.run),
    ),
  );
}

async function attempt(cell: GridCell, run: number, options: BakeoffOptions): Promise<BakeoffRun> {
  const seed = (options.firstSeed + run - 1) % (MAX_SEED + 1);
  const replay = options.replayOf(cell, seed);
  const began = performance.now();
  try {
    return await runCell(cell, { ...options, seed, run, replay });
  } catch (error) {
    options.signal.throwIfAborted();
    if (isForUser(error)) throw error;
    const tookMs = Math.round(performance.now() - began);
    return { ...brokenRun(messageOf(error)), run, seed, replay, folder: "", tookMs };
  }
}

/** A cell of the table, from its runs. */
export function cellOf(cell: GridCell, runs: readonly BakeoffRun[]): BakeoffCell {
  const { library, version, profile, kind, scenario, unsupported } = cell;
  const ended = runs.filter(({ reasons }) => !reasons.includes("broken"));
  const seen = [...new Set(runs.flatMap(({ reasons }) => reasons))];
  const often = (reason: string) =>
    runs.filter(({ reasons }) => reasons.includes(reason)).length * 2 >= runs.length;
  const values = (of: (run: BakeoffRun) => Lasted) =>
    spread(
      ended.map(of).flatMap((value) => (value === null ? [] : [value === "endless" ? Infinity : value])),
    );
  return {
    library,
    version,
    profile: profile.name,
    kind,
    scenario: scenario.name,
    verdict: unsupported ? "not-supported" : verdictOf(runs, often),
    reasons: seen.filter(often),
    sometimes: seen.filter((reason) => !often(reason)),
    ...unsupported,
    runs: [...runs],
    writeOutageMs: values((run) => run.writeOutageMs),
    longestMs: values((run) => run.calls.longestMs),
    toNewPrimaryMs: values((run) => run.toNewPrimaryMs),
  };
}

/**
 * `fail`: a run failed, for a reason that half of them or more share. `pass`: all passed. What only some runs show is
 * `unknown`: neither is true of the library.
 */
function verdictOf(runs: readonly BakeoffRun[], often: (reason: string) => boolean): BakeoffRun["verdict"] {
  if (runs.length > 0 && runs.every(({ verdict }) => verdict === "pass")) return "pass";
  const shared = runs.some(({ verdict, reasons }) => verdict === "fail" && reasons.some(often));
  return shared ? "fail" : "unknown";
}
