import { stat } from "node:fs/promises";
import { join } from "node:path";
import { judge } from "../src/check/judge.ts";
import { type History, readHistory } from "../src/history/reader.ts";
import type { Result } from "../src/model/result.ts";
import type { Bench } from "./bench.ts";
import { writeSampleHistory } from "./sample-history.ts";
import { median, perSecond, ratio, seconds } from "./table.ts";

const OPERATIONS = 100_000;

/** How fast a saved run is read and judged: the part of a drill that grows with its length. */
export const judgeBench: Bench = {
  name: "judge",
  summary: `events per second read and judged, of a history of ${OPERATIONS.toLocaleString("en-US")} operations`,
  async run({ dir, runs, signal, tell }) {
    const path = join(dir, "history.jsonl");
    const lines = await writeSampleHistory(path, OPERATIONS);
    const { size } = await stat(path);
    const readMs: number[] = [];
    const judgeMs: number[] = [];
    let result: Result | undefined;
    for (let run = 1; run <= runs; run += 1) {
      signal.throwIfAborted();
      const began = performance.now();
      const history: History = await readHistory(path);
      readMs.push(performance.now() - began);
      const read = performance.now();
      result = judge(history);
      judgeMs.push(performance.now() - read);
      tell(`judge, ${run} of ${runs}: ${seconds(performance.now() - began)}`);
    }
    const [read, judged] = [median(readMs), median(judgeMs)];
    const row = (what: string, ms: number) => [
      what,
      seconds(ms),
      perSecond(lines, ms),
      ratio(ms / (read + judged)),
    ];
    return {
      title: `judge: ${lines.toLocaleString("en-US")} events, ${(size / 1e6).toFixed(0)} MB`,
      columns: ["", "median", "events", "share"],
      rows: [row("read", read), row("judge", judged), row("both", read + judged)],
      notes: [
        "",
        `Verdict: ${result?.verdict}, ${result?.writes.acknowledged} writes acknowledged, outage ${result?.outage.writeMs} ms.`,
      ],
    };
  },
};
