/*
 * node --single-threaded judge-child.js history.jsonl
 *
 * Judges one history as `valkey-drill check` does, step by step, and prints what each step took as one line of JSON.
 */
import { getHeapStatistics } from "node:v8";
import { durability } from "../src/check/durability.ts";
import { FactsFold } from "../src/check/facts.ts";
import { judgeFacts } from "../src/check/judge.ts";
import { streamHistory } from "../src/history/reader.ts";

/** Time on the wall, and of it the time for which a core was ours: another process may have had it meanwhile. */
export interface Spent {
  readonly ms: number;
  readonly cpuMs: number;
}

/** What it took to judge one history. */
export interface Judged {
  readonly events: number;
  readonly verdict: string;
  readonly read: Spent;
  readonly fold: Spent;
  readonly durability: Spent;
  readonly rest: Spent;
  /** In bytes, with what was not collected yet. */
  readonly peakHeap: number;
}

let [events, peakHeap] = [0, 0];
const fold = new FactsFold();
let folding: Spent = { ms: 0, cpuMs: 0 };
const whole = stopwatch();
const stream = streamHistory(process.argv[2] ?? "");
for await (const batch of stream) {
  const watch = stopwatch();
  for (const event of batch) fold.take(event);
  folding = sum(folding, watch());
  events += batch.length;
  noteHeap();
}
const reading = whole();
const facts = fold.facts(stream.integrity);

const checkWatch = stopwatch();
durability.check(facts);
const checking = checkWatch();
noteHeap();

const restWatch = stopwatch();
const { verdict } = judgeFacts(facts);
const rest = restWatch();
noteHeap();

const read = { ms: reading.ms - folding.ms, cpuMs: reading.cpuMs - folding.cpuMs };
const judged: Judged = { events, verdict, read, fold: folding, durability: checking, rest, peakHeap };
process.stdout.write(`${JSON.stringify(judged)}\n`);

function stopwatch(): () => Spent {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { ms: performance.now() - began, cpuMs: (user + system) / 1000 };
  };
}

function sum(a: Spent, b: Spent): Spent {
  return { ms: a.ms + b.ms, cpuMs: a.cpuMs + b.cpuMs };
}

function noteHeap(): void {
  peakHeap = Math.max(peakHeap, getHeapStatistics().used_heap_size);
}
