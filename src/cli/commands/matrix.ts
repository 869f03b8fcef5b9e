import { randomInt } from "node:crypto";
import { Command, Option } from "commander";
import { shellLine } from "../../api/shell-line.ts";
import { MAX_SEED } from "../../base/random.ts";
import { documentOf } from "../../campaign/matrix/document.ts";
import { cellName, loadMatrix, type Matrix } from "../../campaign/matrix/file.ts";
import { lackingRuns, runMatrix } from "../../campaign/matrix/run.ts";
import { createStore, type MatrixStore, openStore } from "../../campaign/matrix/store.ts";
import { duration } from "../../check/checker.ts";
import { DrillError } from "../../model/errors.ts";
import { MATRIX_SCHEMA_VERSION, type MatrixRun } from "../../model/matrix.ts";
import { behindVerdict } from "../../report/accepted-words.ts";
import { formatCount } from "../../report/terminal/format.ts";
import { renderMatrix } from "../../report/terminal/matrix.ts";
import { checkScenario } from "../../run/check-scenario.ts";
import { checkConfig } from "../../session/config-check.ts";
import { openCampaign } from "../campaign.ts";
import { checkUsed, configWords, tellConfig } from "../config-flags.ts";
import { printDocument } from "../document.ts";
import { addDrillOptions, type DrillFlags } from "../drill-options.ts";
import { exitCodeForVerdicts } from "../exit.ts";
import { interruptible } from "../interrupt.ts";
import { replayCommand, withFlags } from "./run.ts";

interface MatrixFlags extends DrillFlags {
  readonly resume?: string;
  readonly yes?: boolean;
}

/** More runs than this take hours: they are begun only with --yes. */
const MOST_RUNS = 200;

export function matrixCommand(): Command {
  const command = new Command("matrix")
    .description("run one drill over a grid of settings, several times each, and print one table")
    .argument("[matrix]", "name of a built-in matrix, or path of a .yaml file")
    .addOption(
      new Option("--resume <dir>", "go on with a matrix that was stopped, with what it was begun with"),
    )
    .addOption(new Option("--yes", `begin though it is more than ${MOST_RUNS} runs`));
  return addDrillOptions(command).action(async (ref: string | undefined, flags: MatrixFlags) => {
    const { store, interrupted } = await interruptible(async (signal) => {
      const opened = await openMatrix(ref, flags, signal);
      await runMatrix(opened.store, opened);
      return { store: opened.store, interrupted: signal.aborted };
    });
    const document = documentOf(store);
    printDocument(
      document,
      flags.json,
      (options) => `\n${renderMatrix(document, options)}${whereLines(store)}`,
    );
    process.exitCode = interrupted
      ? 130
      : exitCodeForVerdicts(document.cells.flatMap(({ runs }) => runs.map(({ verdict }) => verdict)));
  });
}

async function openMatrix(ref: string | undefined, flags: MatrixFlags, signal: AbortSignal) {
  if ((ref === undefined) === (flags.resume === undefined)) {
    throw new DrillError(
      "BAD_USAGE",
      "give either a matrix to begin, or --resume with the folder of one that was begun",
    );
  }
  const begun = flags.resume === undefined ? undefined : await openStore(flags.resume);
  if (begun && configWords(flags).length > 0)
    throw new DrillError("BAD_USAGE", "--resume goes on with the configuration that it was begun with");
  const given = begun?.matrix ?? (await loadMatrix(ref as string, flags));
  const tls = begun ? begun.header.tls : flags.tls;
  const cells = given.cells.map((cell) => ({ ...cell, scenario: withFlags(cell.scenario, { tls }) }));
  const matrix = { ...given, cells };
  if (begun === undefined) checkSize(matrix, flags.yes === true);
  const topologies = matrix.cells.map(({ scenario }) => scenario.topology);
  checkUsed(topologies, flags);
  tellConfig(topologies, flags);
  // What was begun goes on with the same server, driver and client, or its runs could not be compared.
  const { header } = begun ?? {};
  const same = header
    ? { ...flags, tls, valkey: header.valkeyOption, driver: header.driver, client: header.client }
    : flags;
  const campaign = await openCampaign(same, signal);
  for (const { scenario } of matrix.cells) {
    checkScenario(scenario, campaign.driver);
    await checkConfig(scenario.topology, campaign.driver);
  }
  const store =
    (begun && { ...begun, matrix }) ?? // its cells as the flag makes them
    (await createStore(flags.out, matrix, {
      type: "matrix",
      schemaVersion: MATRIX_SCHEMA_VERSION,
      name: matrix.name,
      seed: flags.seed ?? randomInt(MAX_SEED),
      valkey: campaign.valkey,
      driver: flags.driver,
      valkeyOption: campaign.valkeyOption,
      ...(flags.client !== undefined && { client: flags.client }),
      ...(tls && { tls }),
      startedAt: new Date().toISOString(),
    }));
  const total = lackingRuns(store);
  const say = (text: string) => {
    if (!flags.quiet) process.stderr.write(`${text}\n`);
  };
  say(`${total} runs to do: ${matrix.cells.length} cells, ${matrix.runs} runs each; in ${store.dir}`);
  let done = 0;
  return {
    ...campaign,
    store,
    // The file of a cell holds its configuration.
    replayOf: (path: string, seed: number) =>
      replayCommand(
        path,
        { ...same, config: undefined, sentinelConfig: undefined },
        campaign.valkeyOption,
        seed,
      ),
    onRun: (run: MatrixRun) => {
      done += 1;
      say(`${String(done).padStart(String(total).length)}/${total}  ${runLine(run, matrix)}`);
    },
  };
}

function checkSize({ cells, runs }: Matrix, yes: boolean): void {
  const total = cells.length * runs;
  if (total <= MOST_RUNS || yes) return;
  throw new DrillError(
    "BAD_USAGE",
    `that is ${total} runs (${cells.length} cells, ${runs} each), more than ${MOST_RUNS}`,
    { hint: "Vary fewer settings, or begin it all the same with --yes: it can be stopped and resumed." },
  );
}

function runLine(run: MatrixRun, { cells }: Matrix): string {
  const { cell, verdict, writeOutageMs, lost, falseFailovers, p99Ms, perSecond, codes, tookMs, folder } = run;
  const told = [
    cellName(cells[cell - 1]?.settings ?? {}),
    `${verdict}${behindVerdict(run.accepted ?? [])}`,
    `outage ${writeOutageMs === null ? "–" : duration(writeOutageMs)}`,
    `lost ${lost ?? "–"}`,
    ...(falseFailovers ? [`${formatCount(falseFailovers, "false failover")}`] : []),
    ...(p99Ms === null ? [] : [`p99 ${p99Ms} ms`]),
    ...(perSecond === null ? [] : [`${perSecond} writes/s`]),
    `in ${duration(tookMs)}`,
    ...codes,
  ];
  return `${told.join("  ")}${folder ? `\n      run folder: ${folder}` : ""}`;
}

function whereLines(store: MatrixStore): string {
  const lacking = lackingRuns(store);
  const go =
    lacking === 0 ? "" : `\n  ${lacking} runs are lacking: ${shellLine(["matrix", "--resume", store.dir])}`;
  return `\n  each run: ${store.dir}/cells.jsonl${go}\n`;
}
