import { randomInt } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { shellLine } from "../../api/shell-line.ts";
import { runBakeoff } from "../../bakeoff/bakeoff.ts";
import { cellSpec } from "../../bakeoff/cell-spec.ts";
import { about, DEFAULTS, expectedSeconds } from "../../bakeoff/estimate.ts";
import { type GridCell, gridOf, notInstalled } from "../../bakeoff/grid.ts";
import { readProfile } from "../../bakeoff/profiles.ts";
import { MAX_SEED } from "../../base/random.ts";
import { duration } from "../../check/checker.ts";
import {
  BAKEOFF_SCHEMA_VERSION,
  type BakeoffCell,
  type BakeoffDocument,
  type BakeoffRun,
} from "../../model/bakeoff.ts";
import type { Verdict } from "../../model/outcome.ts";
import { renderBakeoff } from "../../report/terminal/bakeoff.ts";
import { formatCount } from "../../report/terminal/format.ts";
import { checkConfig } from "../../session/config-check.ts";
import { openCampaign } from "../campaign.ts";
import {
  type ConfigFlags,
  checkUsed,
  configOption,
  configWords,
  sentinelConfigOption,
  tellConfig,
} from "../config-flags.ts";
import { printDocument } from "../document.ts";
import { exitCodeForVerdicts } from "../exit.ts";
import { interruptible } from "../interrupt.ts";
import {
  type CampaignFlags,
  driverOption,
  jsonOption,
  outOption,
  quietOption,
  seedOption,
  tlsOption,
  valkeyOption,
  wholeNumber,
} from "../options.ts";
import { drawBakeoff } from "../reports.ts";

interface BakeoffFlags extends CampaignFlags, ConfigFlags {
  readonly clients?: string;
  readonly profiles: string;
  readonly runs: number;
  readonly parallel: number;
  readonly features?: boolean;
}

const MOST_RUNS = 100;
const MOST_PARALLEL = 16;

export function bakeoffCommand(): Command {
  return new Command("bakeoff")
    .description("client libraries side by side, each as applications have it, through the same failovers")
    .argument(
      "[scenario...]",
      "kill, pause, …; ha-kill or cluster-kill for one topology; none: kill and pause",
    )
    .addOption(new Option("--clients <names>", "libraries, by commas; default: all that are installed"))
    .addOption(
      new Option(
        "--profiles <names>",
        "settings, by commas: default, tuned, or files of your own (.yaml, .mjs)",
      ).default("default,tuned"),
    )
    .addOption(
      new Option(
        "--runs <n>",
        "how often each, for medians and the worst; a run takes 12 s (kill) to 23 s (pause), both with all " +
          "libraries about 8 min at 3",
      )
        .default(DEFAULTS.runs)
        .argParser(wholeNumber(1, MOST_RUNS)),
    )
    .addOption(
      new Option("--parallel <n>", "how many at the same time, each with servers of its own")
        .default(DEFAULTS.parallel)
        .argParser(wholeNumber(1, MOST_PARALLEL)),
    )
    .addOption(
      new Option(
        "--features",
        "pipelines, transactions, BLPOP, subscriptions, scripts, reads from replicas and pools as well",
      ),
    )
    .addOption(configOption())
    .addOption(sentinelConfigOption())
    .addOption(valkeyOption())
    .addOption(driverOption())
    .addOption(tlsOption())
    .addOption(seedOption())
    .addOption(outOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .action(async (scenarios: string[], flags: BakeoffFlags) => {
      const { document, interrupted } = await interruptible((signal) => bake(scenarios, flags, signal));
      const path = await saved(document, flags.out);
      const page = await drawBakeoff(document, path.replace(/\.json$/, ".html"));
      printDocument(
        document,
        flags.json,
        (options) => `\n${renderBakeoff(document, options)}\n  all numbers: ${path}\n  report: ${page}\n`,
      );
      process.exitCode = interrupted ? 130 : exitCodeForVerdicts(document.cells.flatMap(verdictsOf));
    });
}

async function bake(scenarios: readonly string[], flags: BakeoffFlags, signal: AbortSignal) {
  const began = performance.now();
  const startedAt = new Date().toISOString();
  const say = (text: string) => {
    if (!flags.quiet) process.stderr.write(`${text}\n`);
  };
  const clients = flags.clients === undefined ? undefined : listed(flags.clients);
  const profiles = await Promise.all(listed(flags.profiles).map(readProfile));
  const grid = gridOf({ scenarios, clients, profiles, features: flags.features === true });
  if (!clients)
    for (const { name, packageName } of notInstalled()) say(`left out: ${name} (npm install ${packageName})`);
  const specs = await Promise.all(
    grid.filter(({ unsupported }) => !unsupported).map((cell) => cellSpec(cell.scenario, cell.kind, flags)),
  );
  checkUsed(specs, flags);
  tellConfig(specs, flags);
  const campaign = await openCampaign(flags, signal);
  for (const spec of specs) await checkConfig(spec, campaign.driver);
  const seed = flags.seed ?? randomInt(MAX_SEED);
  const { runs, parallel } = flags;
  const cells = grid.filter(({ unsupported }) => !unsupported);
  const left = Array.from({ length: runs }, () => cells).flat();
  const total = left.length;
  const remaining = () => about(expectedSeconds(left, parallel));
  say(
    `${total} runs: ${formatCount(cells.length, "cell")}, ${formatCount(runs, "run")} each, ${parallel} at a ` +
      `time: about ${remaining()}`,
  );
  const done = await runBakeoff(grid, {
    ...campaign,
    tls: flags.tls,
    firstSeed: seed,
    runs,
    parallel,
    configFiles: flags,
    replayOf: (cell, runSeed) => replayOf(cell, runSeed, flags, campaign.valkeyOption),
    onRun: (cell, run) => {
      left.splice(left.indexOf(cell), 1);
      const ended = String(total - left.length).padStart(String(total).length);
      say(`${ended}/${total}  ${runLine(cell, run)}${left.length > 0 ? `  about ${remaining()} left` : ""}`);
    },
  });
  const document: BakeoffDocument = {
    schemaVersion: BAKEOFF_SCHEMA_VERSION,
    seed,
    valkey: campaign.valkey,
    driver: flags.driver,
    node: process.versions.node,
    startedAt,
    tookMs: Math.round(performance.now() - began),
    runsPerCell: runs,
    replay: shellLine([
      "bakeoff",
      ...scenarios,
      ...sameFlags(flags, campaign.valkeyOption),
      "--seed",
      String(seed),
    ]),
    cells: done,
  };
  return { document, interrupted: signal.aborted };
}

function listed(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** The command that repeats one run of a cell. */
function replayOf(cell: GridCell, seed: number, flags: BakeoffFlags, valkey: string): string {
  const { kind, scenario, library, profile } = cell;
  const given = listed(flags.profiles).find(
    (one) => one === profile.name || one.includes(`${profile.name}.`),
  );
  const only = { ...flags, clients: library, profiles: given ?? profile.name, runs: 1 };
  return shellLine([
    "bakeoff",
    `${kind}-${scenario.name}`,
    ...sameFlags(only, valkey),
    "--seed",
    String(seed),
  ]);
}

function sameFlags(flags: BakeoffFlags, valkey: string): string[] {
  const { clients, profiles, runs, features, driver, tls } = flags;
  return [
    ...(clients === undefined ? [] : ["--clients", clients]),
    "--profiles",
    profiles,
    "--runs",
    String(runs),
    ...(features ? ["--features"] : []),
    ...(tls ? ["--tls"] : []),
    ...(driver === "process" ? [] : ["--driver", driver]),
    ...configWords(flags),
    "--valkey",
    valkey,
  ];
}

function runLine({ kind, scenario, library, profile }: GridCell, run: BakeoffRun): string {
  const { writeOutageMs, verdict, reasons, tookMs } = run;
  const outage = typeof writeOutageMs === "number" ? duration(writeOutageMs) : (writeOutageMs ?? "–");
  const name = `${kind}-${scenario.name}  ${library} ${profile.name}`;
  return [name, verdict, `outage ${outage}`, `in ${duration(tookMs)}`, ...reasons].join("  ");
}

async function saved(document: BakeoffDocument, out: string): Promise<string> {
  const stamp = document.startedAt.replaceAll(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const path = resolve(out, `bakeoff-${stamp}.json`);
  await mkdir(resolve(out), { recursive: true });
  await writeFile(path, `${JSON.stringify(document, null, 2)}\n`);
  return path;
}

/** That of a cell, for the exit code. */
function verdictsOf({ verdict, runs }: BakeoffCell): (Verdict | "broken")[] {
  if (runs.some(({ reasons }) => reasons.includes("broken"))) return ["broken"];
  return verdict === "not-supported" ? [] : [verdict];
}
