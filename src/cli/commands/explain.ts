import { join } from "node:path";
import { Command, Option } from "commander";
import { runScenario } from "../../api/run.ts";
import type { LogInput, ReadReport } from "../../explain/model.ts";
import { readLogs } from "../../explain/read/read-logs.ts";
import { anonymised } from "../../explain/story/anonymise.ts";
import { compared } from "../../explain/story/compare.ts";
import { drawings } from "../../explain/story/drawing.ts";
import { type Explained, explain } from "../../explain/story/explain.ts";
import { DrillError } from "../../model/errors.ts";
import type { ExplainedIncident, Explanation, Proof } from "../../model/explanation.ts";
import {
  EXPLANATION_FORMATS,
  type ExplanationFormatName,
  type ExplanationToRender,
} from "../../report/explanation/registry.ts";
import { loadScenario } from "../../scenario/load.ts";
import { printDocument, terminalNow } from "../document.ts";
import { interruptible } from "../interrupt.ts";
import {
  driverOption,
  jsonOption,
  outOption,
  quietOption,
  type ReportSpec,
  reportOptionOf,
  type ServerOptions,
  valkeyOption,
  wholeNumber,
} from "../options.ts";
import { openProgress } from "../progress.ts";
import { writeReport } from "../reports.ts";
import { sinceOf } from "../since.ts";

interface ExplainFlags extends ServerOptions {
  readonly since?: number;
  readonly anonymise?: boolean;
  readonly incident: number;
  readonly scenario?: string;
  readonly prove?: boolean;
  readonly report?: readonly ReportSpec<ExplanationFormatName>[];
  readonly out: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * Exit codes of `explain`: what the logs tell was told; nothing could be known; the drill of `--prove` went otherwise.
 */
const EXIT = { explained: 0, unknown: 2, otherwise: 1 } as const;
const MOST_INCIDENTS = 100_000;

export function explainCommand(): Command {
  return new Command("explain")
    .description("tell from the logs of servers and Sentinels what happened: who failed over, why or why not")
    .argument("<log...>", "files, folders, archives (.gz); - for standard input")
    .addOption(
      new Option(
        "--since <time>",
        "only what happened since: 2h (before now), or a time, ISO 8601",
      ).argParser((text) => sinceOf(text)),
    )
    .option("--anonymise", "other names for hosts, addresses, files, groups and ids")
    .addOption(
      new Option("--incident <n>", "the incident that --scenario and --prove are about")
        .default(1)
        .argParser(wholeNumber(1, MOST_INCIDENTS)),
    )
    .option("--scenario <file>", "write the drill that rehearses the incident")
    .option("--prove", "run that drill, and hold its logs against the incident")
    .addOption(reportOptionOf(EXPLANATION_FORMATS, "of what the logs tell"))
    .addOption(valkeyOption())
    .addOption(driverOption())
    .addOption(outOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .action(explainAndTell);
}

async function explainAndTell(paths: string[], flags: ExplainFlags): Promise<void> {
  const { since, report: specs = [], json } = flags;
  const report = await readLogs(paths.map(inputOf), since === undefined ? {} : { since });
  failWithoutLog(report);
  const explained = explain(flags.anonymise ? anonymised(report) : report);
  const incident = incidentAsked(explained.explanation, flags);
  const file = flags.scenario ?? (flags.prove ? join(flags.out, "rehearsal.yaml") : undefined);
  if (incident && file !== undefined) await writeReport(file, incident.rehearsal.scenario);
  const proof = incident && flags.prove ? await prove(incident, file as string, flags) : undefined;
  const explanation: Explanation = { ...explained.explanation, ...(proof && { proof }) };
  const given = { explanation, systems: drawings(explained) };
  printDocument(explanation, json, (options) => EXPLANATION_FORMATS.terminal.render(given, options));
  for (const spec of specs) await writeTold(spec, given, flags);
  if (file !== undefined && !json) process.stdout.write(`  scenario: ${file}\n`);
  process.exitCode = exitCodeFor(explained, proof);
}

function inputOf(path: string): LogInput {
  return path === "-" ? { name: "standard input", stream: process.stdin } : path;
}

/** @throws DrillError `BAD_USAGE` if no input is a log */
function failWithoutLog({ totals, skipped }: ReadReport): void {
  if (totals.logLines > 0) return;
  const why = skipped.map(({ file, why: reason }) => `${file}: ${reason}`).join("\n");
  throw new DrillError("BAD_USAGE", "no log of a server or Sentinel is among the inputs", {
    hint: why === "" ? "Give their log files, or folders that hold them." : why,
  });
}

/** @throws DrillError `BAD_USAGE` if there is none of that number, and something needs it */
function incidentAsked({ incidents }: Explanation, flags: ExplainFlags): ExplainedIncident | undefined {
  if (flags.scenario === undefined && !flags.prove) return undefined;
  const found = incidents.find(({ id }) => id === flags.incident);
  if (found) return found;
  const there = incidents.length === 0 ? "there is none" : `there are ${incidents.length}`;
  throw new DrillError("BAD_USAGE", `the logs tell of no incident ${flags.incident}: ${there}`, {
    hint: "--incident takes the number that stands before its title.",
  });
}

/** Runs the drill, and explains its logs as those of the incident were. */
async function prove(incident: ExplainedIncident, file: string, flags: ExplainFlags): Promise<Proof> {
  const scenario = await loadScenario(file);
  const progress = openProgress(flags.quiet === true);
  const { folder } = await interruptible(async (signal) => {
    try {
      const { valkey, driver, out } = flags;
      const choice = { ...(valkey !== undefined && { valkey }), driver: driver as "process" | "docker" };
      return await runScenario(scenario, { ...choice, outDir: out, progress, signal });
    } finally {
      await progress.close();
    }
  });
  const drill = explain(await readLogs([folder.nodes])).explanation;
  return compared(incident, drill.incidents[0], folder.dir);
}

async function writeTold(
  { format, file }: ReportSpec<ExplanationFormatName>,
  given: ExplanationToRender,
  { out, json }: ExplainFlags,
): Promise<void> {
  const target = file ?? join(out, EXPLANATION_FORMATS[format].file);
  await writeReport(target, EXPLANATION_FORMATS[format].render(given, { ...terminalNow(), colour: false }));
  if (!json) process.stdout.write(`  ${format}: ${target}\n`);
}

function exitCodeFor({ explanation }: Explained, proof: Proof | undefined): number {
  if (proof && !proof.same) return EXIT.otherwise;
  return explanation.verdict === "unknown" ? EXIT.unknown : EXIT.explained;
}
