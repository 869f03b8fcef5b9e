import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { findRun } from "../../history/run-store.ts";
import { DrillError, messageOf } from "../../model/errors.ts";
import { type Result, resultSchema } from "../../model/result.ts";
import { jsonOption, outOption } from "../options.ts";
import { printResults } from "../print.ts";

export function reportCommand(): Command {
  return new Command("report")
    .description("draw saved runs again from their result.json, without judging them again")
    .argument("<run...>", "ids of runs, the beginnings of them, their folders, or latest")
    .addOption(outOption())
    .addOption(jsonOption())
    .action(async (refs: string[], { out, json }: { out: string; json?: boolean }) => {
      const results = await Promise.all(
        refs.map(async (ref) => readResult((await findRun(out, ref)).result)),
      );
      printResults(results, json === true);
    });
}

async function readResult(path: string): Promise<Result> {
  try {
    return resultSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new DrillError("BAD_RUN", `${path} is no result that this version reads: ${messageOf(cause)}`, {
      hint: "`valkey-drill check RUN` judges the run again and writes it anew.",
      cause,
    });
  }
}
