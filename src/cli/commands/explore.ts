import { randomInt } from "node:crypto";
import { Command, InvalidArgumentError, Option } from "commander";
import { shellLine } from "../../api/shell-line.ts";
import { MAX_SEED } from "../../base/random.ts";
import { type Attempt, isNotable } from "../../campaign/attempt.ts";
import { explorableFaults, explore } from "../../campaign/explore.ts";
import { type Bounds, weightsOf } from "../../campaign/generate.ts";
import type { Shrunk } from "../../campaign/shrink.ts";
import { DrillError } from "../../model/errors.ts";
import { EXPLORE_SCHEMA_VERSION, type ExploreDocument, type ExploreRound } from "../../model/explore.ts";
import { withConfigFiles } from "../../scenario/config-files.ts";
import { durationSchema } from "../../scenario/duration.ts";
import { loadScenario } from "../../scenario/load.ts";
import { type Scenario, scenarioSchema } from "../../scenario/schema.ts";
import { checkConfig } from "../../session/config-check.ts";
import { type AppFlags, addAppOptions, appWords } from "../app-flags.ts";
import { attemptLine, openCampaign } from "../campaign.ts";
import { type ConfigFlags, checkUsed, tellConfig } from "../config-flags.ts";
import { addDrillOptions, type DrillFlags, drillWords } from "../drill-options.ts";
import { exitCodeForVerdicts } from "../exit.ts";
import { interruptible } from "../interrupt.ts";
import { wholeNumber } from "../options.ts";
import { printResults } from "../print.ts";
import { withFlags } from "./run.ts";
import {
  type Say,
  type ShrinkFlags,
  sayOnStdout,
  shrinkAndTell,
  shrinkMinutesOption,
  triesOption,
} from "./shrink.ts";

interface ExploreFlags extends DrillFlags, ShrinkFlags, AppFlags {
  readonly faults?: string;
  readonly minutes: number;
  readonly rounds: number;
  readonly each: number;
  readonly shortest: number;
  readonly longest: number;
  readonly overlap?: boolean;
  readonly shrink: boolean;
}

const MOST_ROUNDS = 100_000;
/** More than a round can write. */
const MOST_WRITES = 1_000_000;

export function exploreCommand(): Command {
  const command = new Command("explore")
    .description("drills by chance, from a weighted set of faults, until one fails; that one is made smaller")
    .argument("[on]", "ha, cluster, or a scenario whose topology, durability and expectations are used", "ha")
    .option("--faults <list>", "faults with weights: kill:3,pause; default: all that can be drawn, alike")
    .addOption(number("--minutes <n>", "no round is begun after that time", 5, 1440))
    .addOption(number("--rounds <n>", "at most so many rounds", MOST_ROUNDS, MOST_ROUNDS))
    .addOption(number("--each <n>", "faults in each round", 3, 20))
    .addOption(new Option("--shortest <duration>", "shortest fault").default(500, "500ms").argParser(ms))
    .addOption(new Option("--longest <duration>", "longest fault").default(6000, "6s").argParser(ms))
    .option("--overlap", "faults may overlap; otherwise all is whole again before the next")
    .option("--no-shrink", "do not make the drill that failed smaller")
    .addOption(triesOption())
    .addOption(shrinkMinutesOption());
  return addAppOptions(addDrillOptions(command)).action(async (on: string, flags: ExploreFlags) => {
    if (flags.shortest > flags.longest)
      throw new DrillError("BAD_USAGE", "--shortest is longer than --longest: no fault could be drawn");
    const base = withFlags(await baseOf(on, flags), flags);
    checkUsed([base.topology], flags);
    tellConfig([base.topology], flags);
    process.exitCode = await interruptible((signal) => exploreAndTell(on, base, flags, signal));
  });
}

async function exploreAndTell(
  on: string,
  base: Scenario,
  flags: ExploreFlags,
  signal: AbortSignal,
): Promise<number> {
  const campaign = await openCampaign(flags, signal);
  await checkConfig(base.topology, campaign.driver);
  const explorable = explorableFaults(base.topology, campaign.driver);
  const bounds: Bounds = {
    weights: weightsOf(flags.faults ?? explorable.join(","), explorable),
    faults: flags.each,
    leastMs: flags.shortest,
    mostMs: flags.longest,
    overlap: flags.overlap === true,
  };
  const say: Say = flags.json ? (text) => process.stderr.write(text) : sayOnStdout;
  const rounds: ExploreRound[] = [];
  const replayOf = (seed: number) => roundCommand(on, flags, campaign.valkeyOption, seed);
  let drawn = base;
  say(`faults: ${[...bounds.weights].map((pair) => pair.join(":")).join(" ")}\n`);
  const { found } = await explore(base, {
    ...campaign,
    bounds,
    firstSeed: flags.seed ?? randomInt(MAX_SEED),
    mostMs: flags.minutes * 60_000,
    mostRounds: flags.rounds,
    replayOf,
    onRound: (scenario, seed) => {
      drawn = scenario;
      say(`seed ${seed}: ${scenario.description}\n`);
    },
    onAttempt: (said) => {
      rounds.push(roundOf(said, drawn, replayOf(said.seed)));
      say(`  ${attemptLine(said, isNotable(said))}${leftOut(said)}`);
    },
  });
  if (!found) say(`\n${rounds.length} rounds passed\n`);
  else if (found.attempt.result && !flags.json) printResults([found.attempt.result], false);
  const shrunk =
    found?.attempt.verdict === "fail" && flags.shrink
      ? await shrinkAndTell(
          found.scenario,
          { ...flags, seed: found.attempt.seed, codes: found.attempt.codes },
          campaign,
          say,
        )
      : undefined;
  const verdict = found?.attempt.verdict ?? "pass";
  if (flags.json) {
    const document: ExploreDocument = {
      schemaVersion: EXPLORE_SCHEMA_VERSION,
      topology: base.topology.kind,
      valkey: campaign.valkey,
      driver: campaign.driver.name,
      faults: Object.fromEntries(bounds.weights),
      verdict,
      rounds,
      shrunk: shrunk ? shrunkOf(shrunk) : null,
    };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }
  return exitCodeForVerdicts([verdict]);
}

function roundOf(said: Attempt, { name, description }: Scenario, replay: string): ExploreRound {
  const { seed, verdict, codes, why, result, folder } = said;
  return {
    seed,
    drill: name,
    description,
    verdict,
    codes: [...codes],
    why: [...why],
    accepted: result?.accepted ?? [],
    writeOutageMs: result?.outage.writeMs ?? null,
    lost: result?.writes.lost ?? null,
    folder: folder !== undefined && isNotable(said) ? folder.dir : null,
    replay,
  };
}

function shrunkOf({ scenario, codes, odds, runs, minimal, path }: Shrunk & { readonly path?: string }) {
  return { scenario: path ?? null, steps: scenario.steps.length, codes: [...codes], ...odds, runs, minimal };
}

/** Faults of the round that found nobody to hit, or could not be done beside the others. */
function leftOut({ result }: Attempt): string {
  const told = result?.checks.find(({ verdict, evidence }) => verdict === "pass" && evidence.skipped);
  return told === undefined ? "" : `      ${told.summary}\n`;
}

/** The command that runs that one round again. */
function roundCommand(on: string, flags: ExploreFlags, valkey: string, seed: number): string {
  const given = [
    ...(flags.faults === undefined ? [] : ["--faults", flags.faults]),
    ...["--each", String(flags.each), "--shortest", `${flags.shortest}ms`, "--longest", `${flags.longest}ms`],
    ...(flags.overlap ? ["--overlap"] : []),
    ...drillWords(flags),
    ...appWords(flags),
  ];
  const words = ["explore", on, ...given, "--driver", flags.driver, "--valkey", valkey];
  return shellLine([...words, "--seed", String(seed), "--rounds", "1"]);
}

async function baseOf(on: string, flags: ConfigFlags): Promise<Scenario> {
  const bare = {
    name: "explore",
    description: "by chance",
    topology: { kind: on },
    steps: [{ wait: "1s" }],
    // Sentinel does not keep an old primary from taking writes: judged, every other round would fail for that.
    ...(on === "ha" && { expect: { splitBrain: { writes: MOST_WRITES } } }),
  };
  if (on !== "ha" && on !== "cluster") return await loadScenario(on, flags);
  const base = scenarioSchema.parse(bare);
  return { ...base, topology: await withConfigFiles(base.topology, process.cwd(), flags) };
}

function number(flags: string, description: string, standard: number, most: number): Option {
  return new Option(flags, description).default(standard).argParser(wholeNumber(1, most));
}

function ms(text: string): number {
  const parsed = durationSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues.map(({ message }) => message).join("; "));
}
