import { stat } from "node:fs/promises";
import { Command } from "commander";
import { judgeStream } from "../../check/judge.ts";
import { judgePlain } from "../../check/plain-history.ts";
import { isPlainHistory, readPlainHistory } from "../../history/plain-history.ts";
import { streamHistory } from "../../history/reader.ts";
import { findRun } from "../../history/run-store.ts";
import { writeInPlace } from "../../history/write-in-place.ts";
import { clientHelp } from "../../libraries/registry.ts";
import { messageOf } from "../../model/errors.ts";
import type { Verdict } from "../../model/outcome.ts";
import { exitCodeForVerdict } from "../exit.ts";
import { jsonOption, outOption } from "../options.ts";
import { printPlain, printResults } from "../print.ts";

export function checkCommand(): Command {
  return new Command("check")
    .description(
      "judge a saved run again from its history, and write its result.json anew; or judge a history of registers " +
        "from elsewhere",
    )
    .argument(
      "<run>",
      "a run's id, the beginning of one, its folder, or latest; or a file: a history of registers as JSON, or as " +
        "Jepsen writes it",
    )
    .addOption(outOption())
    .addOption(jsonOption())
    .action(async (ref: string, { out, json }: { out: string; json?: boolean }) => {
      if (await isFile(ref)) {
        process.exitCode = exitCodeForVerdict(await checkFile(ref, json === true));
        return;
      }
      const run = await findRun(out, ref);
      const result = await judgeStream(streamHistory(run.history), { clientHelp: clientHelp() });
      printResults([result], json === true);
      process.exitCode = exitCodeForVerdict(result.verdict);
      // The verdict was asked for, and stands: where the disk is full, say, its file can be written another time.
      await writeInPlace(run.result, `${JSON.stringify(result, null, 2)}\n`).catch((error: unknown) => {
        process.stderr.write(`${run.result} could not be written: ${messageOf(error)}\n`);
      });
    });
}

/** A history without its run's folder: nothing is written. */
async function checkFile(path: string, json: boolean): Promise<Verdict> {
  if (await isPlainHistory(path)) {
    const result = judgePlain(path, await readPlainHistory(path));
    printPlain(result, json);
    return result.verdict;
  }
  const result = await judgeStream(streamHistory(path), { clientHelp: clientHelp() });
  printResults([result], json);
  return result.verdict;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
