import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { contradictions } from "../../check/doubts.ts";
import { findRun, type RunFolder } from "../../history/run-store.ts";
import { DrillError, messageOf } from "../../model/errors.ts";
import { type Result, resultSchema } from "../../model/result.ts";
import { loadSavedScenario } from "../../scenario/load.ts";
import { startAppOption } from "../app-flags.ts";
import { jsonOption, outOption, quietOption, valkeyOption } from "../options.ts";
import { runAndTell } from "./run.ts";

interface ReplayFlags {
  readonly plugin?: readonly string[];
  readonly valkey?: string;
  readonly out: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly startApp?: boolean;
}

export function replayCommand(): Command {
  return new Command("replay")
    .description(
      "run the drill of a saved run again: the same steps, seed, server version, driver and client",
    )
    .argument("<run>", "a run's id, the beginning of one, its folder, or latest")
    .addOption(valkeyOption())
    .addOption(outOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .addOption(startAppOption())
    .action(async (ref: string, flags: ReplayFlags) => {
      const run = await findRun(flags.out, ref);
      const { topology, seed } = await savedResult(run);
      const same = { valkey: flags.valkey ?? topology.valkey, driver: topology.driver, seed };
      const load = async () => [await loadSavedScenario(run.scenario, flags.startApp === true)];
      await runAndTell([run.scenario], { ...flags, ...same }, load);
    });
}

/**
 * @throws DrillError `BAD_RUN` where the run has no result: it was interrupted before it was judged; or it was changed
 */
export async function savedResult(run: RunFolder): Promise<Result> {
  const hint = `valkey-drill check ${run.dir} writes it from the run's history.`;
  let result: Result;
  try {
    result = resultSchema.parse(JSON.parse(await readFile(run.result, "utf8")));
  } catch (cause) {
    throw new DrillError("BAD_RUN", `${run.result} cannot be read: ${messageOf(cause)}`, {
      hint,
      cause,
    });
  }
  const [wrong] = contradictions(result);
  if (wrong !== undefined)
    throw new DrillError("BAD_RUN", `${run.result} contradicts itself: ${wrong}`, { hint });
  return result;
}
