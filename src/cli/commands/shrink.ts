import { randomInt } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, Option } from "commander";
import { MAX_SEED } from "../../base/random.ts";
import type { CampaignOptions } from "../../campaign/attempt.ts";
import { type Shrunk, shrink } from "../../campaign/shrink.ts";
import { findRun } from "../../history/run-store.ts";
import { DrillError } from "../../model/errors.ts";
import { loadSavedScenario, loadScenario } from "../../scenario/load.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { writtenScenario } from "../../scenario/written.ts";
import { startAppOption } from "../app-flags.ts";
import { openCampaign } from "../campaign.ts";
import { interruptible } from "../interrupt.ts";
import {
  driverOption,
  outOption,
  quietOption,
  type ServerOptions,
  seedOption,
  valkeyOption,
  wholeNumber,
} from "../options.ts";
import { savedResult } from "./replay.ts";

export interface ShrinkFlags {
  readonly tries: number;
  readonly shrinkMinutes: number;
  readonly out: string;
}

interface OwnFlags {
  readonly seed?: number;
  readonly quiet?: boolean;
  readonly startApp?: boolean;
}

/** Where lines for a person go. */
export type Say = (text: string) => void;

export const sayOnStdout: Say = (text) => {
  process.stdout.write(text);
};

export const triesOption = () =>
  new Option("--tries <n>", "how often a smaller drill is run before it counts as one that does not fail")
    .default(3)
    .argParser(wholeNumber(1, 20));
export const shrinkMinutesOption = () =>
  new Option("--shrink-minutes <n>", "nothing smaller is tried after that time")
    .default(15)
    .argParser(wholeNumber(1, 1440));

const MOST_RUNS = 500;

export function shrinkCommand(): Command {
  return new Command("shrink")
    .description("make a failing drill smaller: drop and shorten steps while it still fails in the same way")
    .argument("<run|scenario>", "a saved run that failed (id, folder or latest), or a scenario that fails")
    .addOption(triesOption())
    .addOption(shrinkMinutesOption())
    .addOption(valkeyOption())
    .addOption(driverOption())
    .addOption(seedOption())
    .addOption(outOption())
    .addOption(quietOption())
    .addOption(startAppOption())
    .action(async (ref: string, flags: ShrinkFlags & ServerOptions & OwnFlags) => {
      const given = await failingDrill(ref, flags);
      const shrunk = await interruptible(async (signal) => {
        const campaign = await openCampaign(flags, signal);
        return shrinkAndTell(given.scenario, { ...given, ...flags }, campaign);
      });
      process.exitCode = shrunk.codes.length > 0 ? 1 : 0;
    });
}

/** Shrinks, telling each move, and writes what is left as a scenario file. */
export async function shrinkAndTell(
  scenario: Scenario,
  flags: ShrinkFlags & { readonly seed: number; readonly codes?: readonly string[] },
  campaign: CampaignOptions,
  say: Say = sayOnStdout,
): Promise<Shrunk & { readonly path?: string }> {
  say(`\nmaking ${scenario.name} smaller, each move up to ${flags.tries} times\n`);
  const shrunk = await shrink(scenario, {
    ...campaign,
    seed: flags.seed,
    tries: flags.tries,
    mostRuns: MOST_RUNS,
    mostMs: flags.shrinkMinutes * 60_000,
    ...(flags.codes && { codes: flags.codes }),
    onTried: (what, { failed, tries }, kept) =>
      say(`  ${kept ? "✓ kept  " : "· undone"}  ${what} (failed ${failed} of ${tries})\n`),
  });
  const { codes, odds, failing, runs, minimal } = shrunk;
  if (codes.length === 0) {
    say(`it did not fail in ${odds.tries} tries: there is nothing to make smaller\n`);
    return shrunk;
  }
  const name = `${scenario.name.slice(0, 53)}-shrunk`;
  const path = join(flags.out, `${name}.yaml`);
  const told = [
    `${scenario.name}, made smaller in ${runs} runs${
      minimal ? "" : "; the budget ended before nothing smaller " + "was left"
    }`,
    `fails for ${codes.join(", ")}; of the last ${odds.tries} tries ${odds.failed} did`,
    `again: valkey-drill run ${path} --seed ${flags.seed}`,
  ];
  await writeFile(path, writtenScenario({ ...shrunk.scenario, name }, told));
  const { steps } = shrunk.scenario;
  say(
    `\n${scenario.steps.length} steps became ${steps.length}; it fails ${odds.failed} of ${odds.tries} ` +
      `times for ${codes.join(", ")}\n` +
      `  scenario: ${path}\n  run folder: ${failing?.folder?.dir}\n`,
  );
  return { ...shrunk, path };
}

/** The drill of a saved run with the ways in which that run failed, or a scenario. */
async function failingDrill(
  ref: string,
  flags: { readonly out: string; readonly seed?: number; readonly startApp?: boolean },
): Promise<{ scenario: Scenario; seed: number; codes?: string[] }> {
  const run = await findRun(flags.out, ref).catch((error: unknown) => {
    if (error instanceof DrillError && error.code === "BAD_RUN") return undefined;
    throw error;
  });
  if (!run) return { scenario: await loadScenario(ref), seed: flags.seed ?? randomInt(MAX_SEED) };
  const { seed, checks, verdict } = await savedResult(run);
  if (verdict !== "fail") {
    throw new DrillError("BAD_RUN", `the run ${run.id} did not fail: its verdict is ${verdict}`, {
      hint: "Only what fails can be made smaller.",
    });
  }
  const codes = checks
    .filter((check) => check.verdict === "fail")
    .map(({ name, evidence }) => `${name}:${String(evidence.reason)}`);
  return {
    scenario: await loadSavedScenario(run.scenario, flags.startApp === true),
    seed: flags.seed ?? seed,
    codes,
  };
}
