import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "../src/valkey/run-program.ts";
import type { Bench, BenchContext } from "./bench.ts";
import type { Judged, Spent } from "./judge-child.ts";
import { writeSampleHistory } from "./sample-history.ts";
import { median, perSecond, seconds } from "./table.ts";

const WRITES = 1_000_000;
/** Of a history of this length, a heap that is small for Node. */
const HEAP_MB = 768;
/** Each takes seconds, and they vary little. */
const MOST_RUNS = 3;
const DEADLINE_MS = 600_000;

/** How fast a saved run is read and judged, in a process of its own, on one core and with a bounded heap. */
export const judgeBench: Bench = {
  name: "judge",
  summary:
    `a history of ${WRITES.toLocaleString("en-US")} writes, read and judged on one core with a ` +
    `heap of ${HEAP_MB} MB`,
  async run(context) {
    const path = join(context.dir, "history.jsonl");
    context.tell(`judge: writing a history of ${WRITES.toLocaleString("en-US")} writes`);
    await writeSampleHistory(path, WRITES);
    const { size } = await stat(path);
    const runs: Judged[] = [];
    for (let run = 1; run <= Math.min(context.runs, MOST_RUNS); run += 1) {
      runs.push(await judgeApart(path, context));
      context.tell(`judge, ${run}: unique writes in ${seconds(runs.at(-1)?.durability.ms ?? 0)}`);
    }
    const [first] = runs as [Judged];
    const of = (value: (one: Judged) => number) => median(runs.map(value));
    const row = (what: string, spent: (one: Judged) => Spent, count: number) => {
      const [ms, cpuMs] = [of((one) => spent(one).ms), of((one) => spent(one).cpuMs)];
      return [what, seconds(ms), seconds(cpuMs), perSecond(count, cpuMs)];
    };
    const heap = `${Math.round(of((one) => one.peakHeap) / 2 ** 20)} MB`;
    return {
      title: `judge: ${first.events.toLocaleString("en-US")} events, ${(size / 1e6).toFixed(0)} MB`,
      columns: ["", "median", "of a core", "per second of it"],
      rows: [
        row("read and parse, in events", (one) => one.read, first.events),
        row("join to operations and facts, in events", (one) => one.fold, first.events),
        row("check of unique writes (durability), in writes", (one) => one.durability, WRITES),
        row("all checks and counts, in writes", (one) => one.rest, WRITES),
      ],
      notes: [
        "",
        `One core: V8 without helper threads (--single-threaded). At most ${heap} of heap in use, of ${HEAP_MB} MB. ` +
          `Verdict: ${first.verdict}.`,
      ],
    };
  },
};

async function judgeApart(path: string, { signal }: BenchContext): Promise<Judged> {
  signal.throwIfAborted();
  const child = fileURLToPath(new URL("judge-child.js", import.meta.url));
  const words = ["--single-threaded", `--max-old-space-size=${HEAP_MB}`, child, path];
  const options = { env: process.env, timeoutMs: DEADLINE_MS, signal };
  const done = await runProgram(process.execPath, words, options);
  if (done.code !== 0) throw new Error(`judging failed: ${done.problem ?? done.stderr}`);
  return JSON.parse(done.stdout) as Judged;
}
