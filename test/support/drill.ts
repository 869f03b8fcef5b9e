import type { Driver } from "../../src/driver/driver.ts";
import type { CheckResult, Result } from "../../src/model/result.ts";
import { type FinishedRun, runScenario } from "../../src/run/run-scenario.ts";
import { loadScenario } from "../../src/scenario/load.ts";
import type { Scenario } from "../../src/scenario/schema.ts";
import { testDriver, testServer } from "./server.ts";
import { temporaryFolder } from "./temporary.ts";

const silent = { step: () => ({ update: () => {}, done: () => {}, fail: () => {} }) };

/** Runs one scenario, in a run folder of its own; on real processes, if no other driver is given. */
export async function drill(
  name: string,
  seed = 1,
  on?: { readonly driver: Driver; readonly version: string },
): Promise<FinishedRun> {
  return drillOf(await loadScenario(name), seed, on);
}

/** The same for a scenario at hand. */
export async function drillOf(
  scenario: Scenario,
  seed = 1,
  on?: { readonly driver: Driver; readonly version: string },
): Promise<FinishedRun> {
  const { driver, version } = on ?? (await processes());
  return runScenario(scenario, {
    driver,
    valkey: version,
    seed,
    outDir: temporaryFolder("drill"),
    replay: `valkey-drill run ${scenario.name} --seed ${seed}`,
    progress: silent,
    signal: new AbortController().signal,
  });
}

async function processes() {
  const server = await testServer();
  return { driver: await testDriver(), version: server.version };
}

/** That check of a result; a result without it is a failure of the test. */
export function checkNamed(result: Result, name: string): CheckResult {
  const found = result.checks.find((check) => check.name === name);
  if (!found)
    throw new Error(`no check ${name}; there are ${result.checks.map((check) => check.name).join(", ")}`);
  return found;
}

/** Every check that did not pass, with its reason: what a failing test shows. */
export function problems(result: Result): string[] {
  return result.checks
    .filter((check) => check.verdict !== "pass")
    .map((check) => `${check.name}: ${check.verdict} (${check.evidence.reason}) ${check.summary}`);
}
