import { MAX_SEED, seededRandom } from "../../base/random.ts";
import { appFiguresOf } from "../../model/app-figures.ts";
import type { MatrixRun } from "../../model/matrix.ts";
import { type Attempt, attempt, type CampaignOptions, forget } from "../attempt.ts";
import type { MatrixStore } from "./store.ts";

export interface MatrixOptions extends Omit<CampaignOptions, "outDir"> {
  /** The command that repeats one run of a cell. */
  replayOf(scenarioPath: string, seed: number): string;
  onRun(run: MatrixRun): void;
}

/**
 * Does all runs that the matrix lacks, in rounds: each cell once, then each again, so that what changes on the machine
 * meanwhile falls on all cells alike. All cells of a round have the same seed. Each run is written down as soon as it
 * has ended. What broke before is tried again. Ends early when the signal aborts.
 */
export async function runMatrix(store: MatrixStore, options: MatrixOptions): Promise<void> {
  const { matrix, header, runsDir } = store;
  for (let run = 1; run <= matrix.runs; run += 1) {
    const seed = seededRandom(header.seed).fork(`round ${run}`).below(MAX_SEED);
    for (const [index, { scenario }] of matrix.cells.entries()) {
      const cell = index + 1;
      if (isDone(store, cell, run)) continue;
      const replay = options.replayOf(store.cellPath(cell), seed);
      const client = header.client === undefined ? {} : { client: header.client };
      const began = performance.now();
      const said = await attempt(
        { ...scenario, ...client },
        { ...options, outDir: runsDir, seed, replay },
      ).catch((error: unknown) => {
        if (options.signal.aborted) return undefined;
        throw error;
      });
      if (said === undefined) return;
      const line = lineOf(said, cell, run, performance.now() - began);
      await store.add(line);
      options.onRun(line);
      if (said.verdict === "pass") await forget(said);
    }
  }
}

/** How many runs the matrix lacks. */
export function lackingRuns(store: MatrixStore): number {
  const { runs, cells } = store.matrix;
  return cells.reduce(
    (sum, _, index) =>
      sum +
      Array.from({ length: runs }, (_, run) => run + 1).filter((run) => !isDone(store, index + 1, run))
        .length,
    0,
  );
}

function isDone({ runs }: MatrixStore, cell: number, run: number): boolean {
  return runs.some((one) => one.cell === cell && one.run === run && one.verdict !== "broken");
}

function lineOf(
  { seed, verdict, codes, result, folder }: Attempt,
  cell: number,
  run: number,
  tookMs: number,
): MatrixRun {
  const app = appFiguresOf(result?.app);
  return {
    type: "run",
    cell,
    run,
    seed,
    verdict,
    codes: [...codes],
    ...(result?.accepted?.length && { accepted: result.accepted.map(({ text }) => text) }),
    writeOutageMs: result?.outage.writeMs ?? null,
    unavoidableMs: result?.failover.unavoidableMs ?? null,
    lost: result?.writes.lost ?? null,
    acknowledged: result?.writes.acknowledged ?? null,
    falseFailovers: result?.needlessFailovers ?? null,
    p50Ms: result?.beforeFault.writes?.p50Ms ?? null,
    p99Ms: result?.beforeFault.writes?.p99Ms ?? null,
    perSecond: result?.beforeFault.throughput?.perSecond ?? null,
    tookMs: Math.round(tookMs),
    ...(app !== undefined && { app }),
    ...(folder && verdict !== "pass" && { folder: folder.dir }),
  };
}
