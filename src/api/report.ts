/**
 * valkey-drill/report: saved runs, read and drawn. Needs no server, and loads no client library.
 *
 * @packageDocumentation
 */
import type { Doubt } from "../check/doubts.ts";
import { findRun, type RunFolder } from "../history/run-store.ts";
import type { Result } from "../model/result.ts";
import { REPORT_FORMATS, type ReportFormat, type ReportFormatName } from "../report/registry.ts";
import { drawnWidth } from "../report/terminal/result.ts";
import { drawRun, examineResult } from "./draw-run.ts";

export type { Doubt } from "../check/doubts.ts";
export type { RunFolder } from "../history/run-store.ts";
export type { Result } from "../model/result.ts";
export type { ReportFormatName } from "../report/registry.ts";

/** A run that was judged: its result, and the folder with all that it left. */
export interface JudgedRun {
  readonly result: Result;
  readonly folder: RunFolder;
}

/** A saved run, and why its result is not to be relied on: it is shown as `unknown` then. */
export interface SavedRun extends JudgedRun {
  readonly doubts: readonly Doubt[];
}

/**
 * A saved run, as it was judged.
 *
 * @param ref a run's id, the beginning of one, its folder, or `latest`
 * @param outDir where run folders are. Default: `runs`
 * @throws DrillError `BAD_RUN`
 */
export async function readRun(ref: string, outDir = "runs"): Promise<SavedRun> {
  const folder = await findRun(outDir, ref);
  return { folder, ...(await examineResult(folder)) };
}

/**
 * Draws runs as `valkey-drill report --format` does: without colour, and of a fixed width.
 *
 * @returns the whole text of the file
 * @throws DrillError `BAD_RUN` if a format needs a run's history, and it cannot be read
 */
export async function renderReport(format: ReportFormatName, runs: readonly JudgedRun[]): Promise<string> {
  const chosen = REPORT_FORMATS[format] as ReportFormat;
  if (chosen.from === "results") {
    const results = runs.map(({ result }) => result);
    return chosen.render(results, { colour: false, width: drawnWidth() });
  }
  return chosen.render(await Promise.all(runs.map(({ folder, result }) => drawRun(folder, result))));
}
