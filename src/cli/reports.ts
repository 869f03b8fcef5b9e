import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { drawRun } from "../api/draw-run.ts";
import { type JudgedRun, renderReport } from "../api/report.ts";
import { judge } from "../check/judge.ts";
import { readHistory } from "../history/reader.ts";
import { type RunFolder, runFolder } from "../history/run-store.ts";
import { writeInPlace } from "../history/write-in-place.ts";
import { clientHelp } from "../libraries/registry.ts";
import type { BakeoffDocument } from "../model/bakeoff.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import type { ReportModel } from "../model/report-model.ts";
import type { Result } from "../model/result.ts";
import { renderBakeoffPage } from "../report/html/render.ts";
import { REPORT_FORMATS } from "../report/registry.ts";
import type { ReportSpec } from "./options.ts";

/** Where a report goes: the file that was named, or one in the folder of the runs. */
export function reportFile({ format, file }: ReportSpec, outDir: string): string {
  return file ?? join(outDir, REPORT_FORMATS[format].file);
}

/**
 * Makes the folders that reports go into, before anything is started: a slip in a path must not cost a drill.
 *
 * @throws DrillError `BAD_USAGE`
 */
export async function makeReportFolders(specs: readonly ReportSpec[], outDir: string): Promise<void> {
  for (const spec of specs)
    await writing(reportFile(spec, outDir), (file) => mkdir(dirname(file), { recursive: true }));
}

/**
 * Writes a report into a file, and the folders that it needs.
 *
 * @throws DrillError `BAD_USAGE` if it cannot be written
 */
export async function writeReport(file: string, text: string): Promise<void> {
  await writing(file, async () => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  });
}

async function writing(file: string, work: (file: string) => Promise<unknown>): Promise<void> {
  try {
    await work(file);
  } catch (cause) {
    throw new DrillError("BAD_USAGE", `the report ${file} cannot be written: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Draws the page of a run into its folder.
 *
 * @throws DrillError `BAD_RUN`, `BAD_USAGE`
 */
export async function drawPage(run: RunFolder, result: Result): Promise<void> {
  const page = await renderReport("html", [{ folder: run, result }]);
  await writing(run.report, (file) => writeInPlace(file, page));
}

/**
 * Draws runs beside each other, into the folder that all runs are in.
 *
 * @returns the file
 * @throws DrillError `BAD_RUN`, `BAD_USAGE`
 */
export async function drawComparison(runs: readonly JudgedRun[], outDir: string): Promise<string> {
  const file = resolve(outDir, "comparison.html");
  await writeReport(file, await renderReport("html", runs));
  return file;
}

/**
 * Draws a bake-off with the first run of each cell. What broke before it had a history is in the table alone.
 *
 * @returns the file
 * @throws DrillError `BAD_RUN`, `BAD_USAGE`
 */
export async function drawBakeoff(bakeoff: BakeoffDocument, file: string): Promise<string> {
  const folders = bakeoff.cells
    .flatMap(({ runs }) => runs.slice(0, 1))
    .map(({ folder }) => runFolder(folder));
  const models: ReportModel[] = [];
  for (const folder of folders.filter(({ history }) => existsSync(history)))
    models.push(
      await drawRun(folder, judge(await readHistory(folder.history), { clientHelp: clientHelp() })),
    );
  await writeReport(file, renderBakeoffPage(bakeoff, models));
  return file;
}

/** Says where pages are. */
export function tellPages(files: readonly string[]): void {
  process.stdout.write(`${files.map((file) => `  report: ${file}`).join("\n")}\n`);
}

/** Says where the page is that shows runs beside each other. */
export function tellComparison(file: string): void {
  process.stdout.write(`  comparison: ${file}\n`);
}
