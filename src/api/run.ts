import { randomInt } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { MAX_SEED } from "../base/random.ts";
import { type DrillProgress, SILENT } from "../run/progress.ts";
import { type FinishedRun, type RunOptions, runScenario as runIt } from "../run/run-scenario.ts";
import { readScenario } from "../scenario/load.ts";
import type { Scenario, ScenarioInput } from "../scenario/schema.ts";
import { driverOf, type ServerChoice } from "./open-driver.ts";
import { renderReport } from "./report.ts";
import { shellLine } from "./shell-line.ts";

/** How a drill is run. Everything has a default. */
export interface RunScenarioOptions extends ServerChoice {
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
  await writeFile(finished.folder.report, await renderReport("html", [finished]));
  return finished;
}
