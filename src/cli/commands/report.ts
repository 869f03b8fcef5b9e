import { Command } from "commander";
import { readRun, renderReport } from "../../api/report.ts";
import { DrillError } from "../../model/errors.ts";
import { exitCodeForVerdict } from "../exit.ts";
import { formatOption, jsonOption, outOption, outputOption, type ReportSpec } from "../options.ts";
import { printResults } from "../print.ts";
import { drawComparison, drawPage, tellComparison, tellPages, writeReport } from "../reports.ts";

interface ReportFlags {
  readonly out: string;
  readonly json?: boolean;
  readonly format?: ReportSpec["format"];
  readonly output?: string;
}

export function reportCommand(): Command {
  return new Command("report")
    .description(
      "draw saved runs again, without judging them again, and tell where a result is not that of its history; no " +
        "--format prints them and writes their report.html, and of several a comparison.html",
    )
    .argument("<run...>", "ids of runs, the beginnings of them, their folders, or latest")
    .addOption(formatOption())
    .addOption(outputOption())
    .addOption(outOption())
    .addOption(jsonOption())
    .action(async (refs: string[], flags: ReportFlags) => {
      const { out, json, output } = flags;
      const format = json ? "json" : flags.format;
      const runs = await Promise.all(refs.map((ref) => readRun(ref, out)));
      const doubtful = runs.some(({ doubts }) => doubts.length > 0);
      if (doubtful) process.exitCode = exitCodeForVerdict("unknown");
      const results = runs.map(({ result }) => result);
      if (format === undefined) {
        if (output !== undefined) throw outputAlone();
        printResults(results, false);
        for (const { folder, result } of runs) await drawPage(folder, result);
        tellPages(runs.map(({ folder }) => folder.report));
        if (runs.length > 1) tellComparison(await drawComparison(runs, out));
        return;
      }
      if (output === undefined && (format === "terminal" || format === "json")) {
        printResults(results, format === "json");
        return;
      }
      const text = await renderReport(format, runs);
      if (output === undefined) process.stdout.write(text);
      else await writeReport(output, text);
    });
}

function outputAlone(): DrillError {
  return new DrillError("BAD_USAGE", "--output needs --format: what is to be written there?");
}
