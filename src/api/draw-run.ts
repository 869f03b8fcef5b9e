import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Doubt, doubted, doubtsOf } from "../check/doubts.ts";
import { type Facts, FactsFold } from "../check/facts.ts";
import { guarded, sound } from "../check/integrity.ts";
import { readNodeLogs } from "../history/node-logs.ts";
import { digestsOf, streamHistory } from "../history/reader.ts";
import type { RunFolder } from "../history/run-store.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import type { ReportModel } from "../model/report-model.ts";
import { type Result, resultSchema } from "../model/result.ts";
import { reportModelOf } from "../report-model/report-model.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/**
 * The result of a run as it was judged.
 *
 * @throws DrillError `BAD_RUN`
 */
export async function readResult({ result }: Pick<RunFolder, "result">): Promise<Result> {
  try {
    return resultSchema.parse(JSON.parse(await readFile(result, "utf8")));
  } catch (cause) {
    throw new DrillError("BAD_RUN", `${result} is no result that this version reads: ${messageOf(cause)}`, {
      hint: "`valkey-drill check RUN` judges the run again and writes it anew.",
      cause,
    });
  }
}

/**
 * The same, and whether it is to be relied on: one that is not the result of the history beside it, or that contradicts itself, is
 * shown as unknown.
 *
 * @throws DrillError `BAD_RUN`
 */
export async function examineResult(run: RunFolder): Promise<{ result: Result; doubts: readonly Doubt[] }> {
  const [result, digests] = await Promise.all([readResult(run), digestsOf(run.history)]);
  const doubts = doubtsOf(result, digests);
  return { result: doubted(result, doubts), doubts };
}

/**
 * All that a report shows of a run, from what lies in its folder. What is missing there besides the history and the result
 * (a copy without the nodes' logs, say) is not shown.
 *
 * @throws DrillError `BAD_RUN`
 */
export async function drawRun(run: RunFolder, result: Result): Promise<ReportModel> {
  const [facts, scenario, logs] = await Promise.all([
    readFacts(run.history),
    readFile(run.scenario, "utf8").catch(() => undefined),
    readNodeLogs(run),
  ]);
  return guarded(sound(facts), (known) =>
    reportModelOf({ facts: known, result, scenario, logs, tool: version }),
  );
}

async function readFacts(history: string): Promise<Facts> {
  const fold = new FactsFold();
  const stream = streamHistory(history);
  for await (const events of stream) for (const event of events) fold.take(event);
  return fold.facts(stream.integrity);
}
