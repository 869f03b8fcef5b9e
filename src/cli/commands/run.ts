import { randomInt } from "node:crypto";
import { resolve } from "node:path";
import { Command } from "commander";
import { openDriver } from "../../api/open-driver.ts";
import { renderReport } from "../../api/report.ts";
import { shellLine } from "../../api/shell-line.ts";
import { MAX_SEED } from "../../base/random.ts";
import { clientFor } from "../../libraries/registry.ts";
import { worstVerdict } from "../../model/outcome.ts";
import type { Result } from "../../model/result.ts";
import type { Progress } from "../../report/terminal/progress.ts";
import { checkScenario } from "../../run/check-scenario.ts";
import { type FinishedRun, runScenario } from "../../run/run-scenario.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { checkConfig } from "../../session/config-check.ts";
import { withTls } from "../../topology/security-spec.ts";
import { type AppFlags, addAppOptions, appWords, withAppFlags } from "../app-flags.ts";
import { loadConfigured, tellConfig } from "../config-flags.ts";
import { addDrillOptions, type DrillFlags, drillWords } from "../drill-options.ts";
import { exitCodeForVerdict, tellError } from "../exit.ts";
import type { Follower } from "../follow.ts";
import { tellGitHub } from "../github.ts";
import { interruptible } from "../interrupt.ts";
import { type ReportSpec, reportOption } from "../options.ts";
import { printResults } from "../print.ts";
import { openProgress } from "../progress.ts";
import { drawPage, makeReportFolders, reportFile, tellPages, writeReport } from "../reports.ts";

interface RunFlags extends DrillFlags, AppFlags {
  readonly report?: readonly ReportSpec[];
  readonly ui?: boolean;
}

interface DrawnRun extends FinishedRun {
  /** Its page could be written. */
  readonly drawn: boolean;
}

const DEFAULT_SCENARIOS = ["ha-failover", "cluster-failover"];

export function runCommand(): Command {
  const command = new Command("run")
    .description("run drills and judge them; no name runs ha-failover and cluster-failover")
    .argument("[scenario...]", "names of built-in scenarios, or paths of .yaml files or modules");
  return addAppOptions(addDrillOptions(command))
    .addOption(reportOption())
    .option("--ui", "a page in the browser that follows the drills; stays until Ctrl-C")
    .action((names: string[], flags: RunFlags) =>
      runAndTell(names.length > 0 ? names : DEFAULT_SCENARIOS, flags),
    );
}

/** Runs the drills one after the other, prints their results, and sets the exit code. */
export async function runAndTell(
  refs: readonly string[],
  flags: RunFlags,
  load: (refs: readonly string[]) => Promise<Scenario[]> = (given) => loadConfigured(given, flags),
): Promise<void> {
  // All are read before the first is run: a slip in the last one must not cost the time of the others.
  const scenarios = (await load(refs)).map((scenario) => withFlags(scenario, flags));
  tellConfig(
    scenarios.map(({ topology }) => topology),
    flags,
  );
  for (const { client, topology } of scenarios) clientFor(client, topology.kind);
  await makeReportFolders(flags.report ?? [], flags.out);
  const follower = flags.ui ? await (await import("../follow.ts")).openFollower() : undefined;
  try {
    const results = await runAndPrint(refs, scenarios, flags, follower);
    process.exitCode = exitCodeForVerdict(worstVerdict(results.map((result) => result.verdict)));
    await follower?.stay();
  } finally {
    await follower?.close();
  }
}

async function runAndPrint(
  refs: readonly string[],
  scenarios: readonly Scenario[],
  flags: RunFlags,
  follower: Follower | undefined,
): Promise<Result[]> {
  const finished: DrawnRun[] = [];
  const runs = await interruptible((signal) =>
    runAll(refs, scenarios, flags, signal, finished, follower),
  ).finally(
    () => writeReports(finished, flags), // of what there is, if a drill broke as well
  );
  const results = runs.map((run) => run.result);
  printResults(results, flags.json === true);
  if (!flags.json) {
    process.stdout.write(`${runs.map((run) => `  run folder: ${run.folder.dir}`).join("\n")}\n`);
    tellPages(finished.filter(({ drawn }) => drawn).map(({ folder }) => folder.report));
  }
  return results;
}

async function runAll(
  refs: readonly string[],
  scenarios: readonly Scenario[],
  flags: RunFlags,
  signal: AbortSignal,
  finished: DrawnRun[],
  follower: Follower | undefined,
): Promise<FinishedRun[]> {
  const progress = openProgress(flags.quiet === true);
  const seed = flags.seed ?? randomInt(MAX_SEED);
  try {
    const { driver, version, valkey } = await openDriver(flags, progress, signal);
    for (const scenario of scenarios) {
      checkScenario(scenario, driver);
      await checkConfig(scenario.topology, driver);
    }
    const runs: FinishedRun[] = [];
    for (const [index, scenario] of scenarios.entries()) {
      progress.note(scenario.name);
      runs.push(
        await runScenario(scenario, {
          driver,
          valkey: version,
          seed,
          outDir: flags.out,
          replay: replayCommand(refs[index] as string, flags, valkey, seed),
          progress,
          signal,
          onRecording: follower?.follow,
          onFinished: async (run) => {
            const one = { ...run, drawn: await drawn(run, progress) };
            finished.push(one);
            follower?.ended(one, one.drawn);
          },
        }),
      );
    }
    return runs;
  } finally {
    await progress.close();
  }
}

/** A page that cannot be drawn is told, and changes no verdict. */
async function drawn({ folder, result }: FinishedRun, progress: Progress): Promise<boolean> {
  const step = progress.step("draw the report");
  try {
    await drawPage(folder, result);
    step.done();
    return true;
  } catch (error) {
    step.fail("it could not be drawn");
    tellError(error);
    return false;
  }
}

/** A report that cannot be written is told, and changes no verdict. */
async function writeReports(
  runs: readonly FinishedRun[],
  { report = [], out, json }: RunFlags,
): Promise<void> {
  const results = runs.map(({ result }) => result);
  if (runs.length === 0) return;
  for (const spec of report) {
    const file = reportFile(spec, out);
    const write = async () => writeReport(file, await renderReport(spec.format, runs));
    await write().catch(tellError);
  }
  await tellGitHub(results, { document: json === true }).catch(tellError);
}

/**
 * The scenario as these flags change it, with the plugins that were given: so the one in the folder of the run is
 * whole.
 */
export function withFlags(
  scenario: Scenario,
  { client, plugin = [], tls, ...flags }: Pick<RunFlags, "client" | "plugin" | "tls"> & AppFlags,
): Scenario {
  const plugins = [...new Set([...(scenario.plugins ?? []), ...plugin.map((path) => resolve(path))])];
  return {
    ...withAppFlags(scenario, flags),
    topology: tls ? withTls(scenario.topology) : scenario.topology,
    ...(client !== undefined && { client }),
    ...(plugins.length > 0 && { plugins }),
  };
}

/** The command that runs that drill again. */
export function replayCommand(
  ref: string,
  flags: Parameters<typeof drillWords>[0] & Pick<RunFlags, "driver"> & AppFlags,
  valkey: string,
  seed: number,
): string {
  const words = [
    "run",
    ref,
    "--driver",
    flags.driver,
    "--valkey",
    valkey,
    ...drillWords(flags),
    ...appWords(flags),
  ];
  return shellLine([...words, "--seed", String(seed)]);
}
