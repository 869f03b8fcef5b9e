import { Command } from "commander";
import { findRun } from "../../history/run-store.ts";
import { DrillError } from "../../model/errors.ts";
import { drawRun, readResult } from "../draw-run.ts";
import { formatOption, jsonOption, outOption, outputOption, type ReportSpec } from "../options.ts";
import { printResults } from "../print.ts";
import { renderReport, writeReport } from "../reports.ts";

interface ReportFlags {
  readonly out: string;
  readonly json?: boolean;
  readonly format?: ReportSpec["format"];
  readonly output?: string;
}

export function reportCommand(): Command {
  return new Command("report")
    .description("draw saved runs again, without judging them again")
    .argument("<run...>", "ids of runs, the beginnings of them, their folders, or latest")
    .addOption(formatOption())
    .addOption(outputOption())
    .addOption(outOption())
    .addOption(jsonOption())
    .action(async (refs: string[], flags: ReportFlags) => {
      const { out, json, output } = flags;
      const format = json ? "json" : flags.format;
      const runs = await Promise.all(
        refs.map(async (ref) => {
          const folder = await findRun(out, ref);
          return { folder, result: await readResult(folder) };
        }),
      );
      const results = runs.map(({ result }) => result);
      if (format === undefined && output !== undefined) {
        throw new DrillError("BAD_USAGE", "--output needs --format: what is to be written there?");
      }
      if (output === undefined && (format === undefined || format === "terminal" || format === "json")) {
        return printResults(results, format === "json");
      }
      const pictures = () => Promise.all(runs.map(({ folder, result }) => drawRun(folder, result)));
      const text = await renderReport(format ?? "terminal", { results, pictures });
      if (output === undefined) process.stdout.write(text);
      else await writeReport(output, text);
    });
}
