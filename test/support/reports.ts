import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { drawRun } from "../../src/api/draw-run.ts";
import { judge } from "../../src/check/judge.ts";
import type { History } from "../../src/history/reader.ts";
import { openRecorder } from "../../src/history/recorder.ts";
import { runFolder } from "../../src/history/run-store.ts";
import { HISTORY_SCHEMA_VERSION } from "../../src/model/event.ts";
import type { ReportModel } from "../../src/model/report-model.ts";
import { temporaryFolder } from "./temporary.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A run's folder as a drill leaves it, of a history and logs; drawn as the command line draws it. */
export async function drawnRun(
  history: History,
  logs: Readonly<Record<string, string>> = {},
): Promise<ReportModel> {
  const run = runFolder(temporaryFolder("report"));
  await writeHistory(run.history, history);
  await writeFile(run.scenario, "name: test\n");
  for (const [node, text] of Object.entries(logs)) {
    await mkdir(join(run.nodes, node), { recursive: true });
    await writeFile(join(run.nodes, node, "node.log"), text);
  }
  return drawRun(run, judge(history));
}

/** As it was recorded: the recorder adds counts and a digest to the last line. One of schema 1 has none, and is copied as it is. */
async function writeHistory(path: string, { header, events }: History): Promise<void> {
  const lines = [header, ...events];
  if (header.schemaVersion < HISTORY_SCHEMA_VERSION) {
    await writeFile(path, lines.map((event) => `${JSON.stringify(event)}\n`).join(""));
    return;
  }
  const recorder = openRecorder(path);
  for (const event of lines) recorder.record(event);
  await recorder.close();
}

/** A page that was opened from disk, with all that it asked for and complained of. */
export interface OpenedReport {
  readonly page: Page;
  /** Requests besides the one for the file itself. */
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
}

/** Opens a report as a reader does: a file on disk, no server. */
export async function openReport(
  browser: Browser,
  html: string,
  options: BrowserContextOptions = {},
): Promise<OpenedReport> {
  const path = join(temporaryFolder("page"), "report.html");
  await writeFile(path, html);
  const url = pathToFileURL(path).href;
  const context = await browser.newContext({ viewport: { width: 1300, height: 900 }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => request.url() !== url && requests.push(request.url()));
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  await page.goto(url);
  await page.waitForSelector("main section");
  return { page, requests, complaints };
}

/** What axe finds that keeps people out: serious and critical violations, each with its elements. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(" ")}: ${failureSummary}`),
    );
}
