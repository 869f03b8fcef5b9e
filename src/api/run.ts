import { randomInt } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { MAX_SEED } from "../base/random.ts";
import type { Driver } from "../driver/driver.ts";
import { REPORT_FORMATS } from "../report/registry.ts";
import { readScenario } from "../scenario/load.ts";
import type { DrillProgress } from "../scenario/progress.ts";
import { type FinishedRun, type RunOptions, runScenario as runIt } from "../scenario/run-scenario.ts";
import type { Scenario, ScenarioInput } from "../scenario/schema.ts";
import { drawRun } from "./draw-run.ts";
import { DRIVERS, openDriver } from "./open-driver.ts";
import { shellLine } from "./shell-line.ts";

/** How a drill is run. Everything has a default. */
export interface RunScenarioOptions {
  /** What runs the nodes: by its name, or one of your own. Default: `process`. */
  readonly driver?: (typeof DRIVERS)[number] | Driver;
  /**
   * The server, as `--valkey` takes it: a version or a path, with Docker a version or an image. Default: what `findServer` finds.
   * With a driver of your own it is the version of its server, for the record.
   */
  readonly valkey?: string;
  /** Seed of everything random, 0 to 4294967295. Default: a new one, which the result tells. */
  readonly seed?: number;
  /** Where run folders are made. Default: `runs`. */
  readonly outDir?: string;
  /** The command that repeats the run, for the record. Default: `valkey-drill run` with the scenario of the run's folder. */
  readonly replay?: string;
  /** Told of each step. Default: nobody is. */
  readonly progress?: DrillProgress;
  /** Aborts the drill: it stops, records what it has and clears up. */
  readonly signal?: AbortSignal;
  /** Called as the recording begins. Must not throw. */
  readonly onRecording?: RunOptions["onRecording"];
}

/** What tells nobody. */
export const SILENT: DrillProgress = { step: () => ({ update() {}, done() {}, fail() {} }) };

/**
 * Runs one drill from start to verdict, in a new run folder with all that `valkey-drill run` leaves there. Whatever happens,
 * everything it started is stopped, and what was recorded is on disk.
 *
 * @param scenario as `defineScenario` or `loadScenario` give it
 * @returns the result, and the folder of the run
 * @throws DrillError `BAD_SCENARIO` and others for what could not work; whatever `findServer` throws; `START_FAILED`,
 *   `NODE_DIED` and others where the environment could not be brought up or broke; `INTERRUPTED` if the signal aborted
 */
export async function runScenario(
  scenario: Scenario | ScenarioInput,
  options: RunScenarioOptions = {},
): Promise<FinishedRun> {
  const read = await readScenario(scenario);
  const { progress = SILENT, signal = new AbortController().signal, seed = randomInt(MAX_SEED) } = options;
  const { driver, version, valkey } = await driverOf(options, progress, signal);
  const again = ({ scenario: file }: FinishedRun["folder"]) =>
    shellLine(["run", file, "--driver", driver.name, "--valkey", valkey, "--seed", String(seed)]);
  const finished = await runIt(read, {
    driver,
    valkey: version,
    seed,
    outDir: options.outDir ?? "runs",
    replay: options.replay ?? again,
    progress,
    signal,
    onRecording: options.onRecording,
  });
  const { folder, result } = finished;
  await writeFile(folder.report, REPORT_FORMATS.html.render([await drawRun(folder, result)]));
  return finished;
}

async function driverOf(
  { driver = DRIVERS[0], valkey }: RunScenarioOptions,
  progress: DrillProgress,
  signal: AbortSignal,
) {
  if (typeof driver === "string") return await openDriver({ driver, valkey }, progress, signal);
  const version = valkey ?? "unknown";
  return { driver, version, valkey: version };
}
