import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { judgeStream } from "../../check/judge.ts";
import { streamHistory } from "../../history/reader.ts";
import { findRun } from "../../history/run-store.ts";
import { messageOf } from "../../model/errors.ts";
import { exitCodeForVerdict } from "../exit.ts";
import { jsonOption, outOption } from "../options.ts";
import { printResults } from "../print.ts";

export function checkCommand(): Command {
  return new Command("check")
    .description("judge a saved run again from its history, and write its result.json anew")
    .argument("<run>", "a run's id, the beginning of one, its folder, or latest")
    .addOption(outOption())
    .addOption(jsonOption())
    .action(async (ref: string, { out, json }: { out: string; json?: boolean }) => {
      const run = await findRun(out, ref);
      const result = await judgeStream(streamHistory(run.history));
      printResults([result], json === true);
      process.exitCode = exitCodeForVerdict(result.verdict);
      // The verdict was asked for, and stands: where the disk is full, say, its file can be written another time.
      await writeFile(run.result, `${JSON.stringify(result, null, 2)}\n`).catch((error: unknown) => {
        process.stderr.write(`${run.result} could not be written: ${messageOf(error)}\n`);
      });
    });
}
