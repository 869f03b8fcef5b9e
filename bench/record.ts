import { join } from "node:path";
import { seededRandom } from "../src/base/random.ts";
import type { DrillClient } from "../src/client/client.ts";
import { CLIENTS } from "../src/client/registry.ts";
import { runClock } from "../src/history/clock.ts";
import { openRecorder, type Recorder } from "../src/history/recorder.ts";
import { targetOf } from "../src/scenario/client-target.ts";
import { startEnvironment } from "../src/scenario/environment.ts";
import { haSpecSchema } from "../src/topology/spec.ts";
import { historyLog } from "../src/workload/log.ts";
import type { Bench, BenchContext } from "./bench.ts";
import { median, perSecond, ratio } from "./table.ts";

const EVENTS = 200_000;
/** Callers that each wait for their answer: as many as keep both cores busy. */
const CALLERS = 64;
const LOAD_MS = 1500;
const DEADLINE_MS = 5000;

/** What writing the history costs: for one event, and for a client that writes as fast as it can. */
export const recordBench: Bench = {
  name: "record",
  summary: "cost of recording one event; throughput of a client with and without recording",
  async run(context) {
    const events: { callMs: number; wholeMs: number }[] = [];
    for (let run = 0; run < context.runs; run += 1) events.push(await recordMany(context, run));
    const { plain, recorded } = await compareThroughput(context);
    const [plainMs, recordedMs] = [median(plain), median(recorded)];
    const callMs = median(events.map((one) => one.callMs));
    const wholeMs = median(events.map((one) => one.wholeMs));
    return {
      title: "record: what writing the history costs",
      columns: ["", "median", "ratio"],
      rows: [
        ["record(): time of the caller, one event", `${((callMs / EVENTS) * 1000).toFixed(2)} µs`, ""],
        [
          `record() to synced on disk, ${EVENTS.toLocaleString("en-US")} events`,
          perSecond(EVENTS, wholeMs),
          "",
        ],
        ["SET, not recorded", perSecond(1, plainMs), ratio(1)],
        ["SET, recorded (two events each)", perSecond(1, recordedMs), ratio(plainMs / recordedMs)],
      ],
      notes: ["", `SET: ${CALLERS} callers on one connection that each wait for their answer, HA, in turns.`],
    };
  },
};

async function recordMany({ dir, signal }: BenchContext, run: number) {
  signal.throwIfAborted();
  const recorder = openRecorder(join(dir, `events-${run}.jsonl`));
  const began = performance.now();
  for (let op = 1; op <= EVENTS / 2; op += 1) {
    recorder.record({
      type: "invoke",
      at: op * 1000,
      op,
      client: "probe",
      workload: "unique-writes",
      f: "write",
      key: `unique:${op}`,
      value: `${op}-0123abcd`,
      due: op * 1000,
    });
    recorder.record({ type: "ok", at: op * 1000 + 500, op });
  }
  const callMs = performance.now() - began;
  const failure = await recorder.close();
  if (failure) throw failure;
  return { callMs, wholeMs: performance.now() - began };
}

/** Both in turns, so that what else the machine does hurts both alike. Times in ms for one operation. */
async function compareThroughput(context: BenchContext) {
  const { driver, dir, signal, tell } = context;
  const [library] = CLIENTS;
  if (!library) throw new Error("no client library");
  const random = seededRandom(1);
  const spec = haSpecSchema.parse({ kind: "ha" });
  const environment = await startEnvironment({
    spec,
    driver,
    random,
    dir: join(dir, "nodes"),
    detached: false,
    signal,
  });
  try {
    const target = targetOf(environment.topology.plan);
    const client = await library.connect({ target, random }, DEADLINE_MS);
    const plain: number[] = [];
    const recorded: number[] = [];
    try {
      await loadPlain(client, "warm"); // until the compiler and the sockets are at full speed
      for (let run = 0; run < context.runs; run += 1) {
        signal.throwIfAborted();
        plain.push(await loadPlain(client, `plain-${run}`));
        const recorder = openRecorder(join(dir, `load-${run}.jsonl`));
        recorded.push(await loadRecorded(client, recorder, `recorded-${run}`));
        const failure = await recorder.close();
        if (failure) throw failure;
        tell(`SET, ${run + 1} of ${context.runs}: ${ratio((plain.at(-1) ?? 0) / (recorded.at(-1) ?? 1))}`);
      }
    } finally {
      await client.close();
    }
    return { plain, recorded };
  } finally {
    await environment.close();
  }
}

function loadPlain(client: DrillClient, name: string): Promise<number> {
  return load(name, (key, value) => client.call(["SET", key, value], DEADLINE_MS));
}

function loadRecorded(client: DrillClient, recorder: Recorder, name: string): Promise<number> {
  const log = historyLog(recorder, runClock());
  return load(name, async (key, value) => {
    const start = { client: "probe", workload: "unique-writes", f: "write", key, value };
    const { outcome } = await log.operation(start, async () => {
      await client.call(["SET", key, value], DEADLINE_MS);
      return undefined;
    });
    if (outcome !== "ok") throw new Error(`a write ended with ${outcome}, and nothing was broken`);
  });
}

/** @returns time for one operation, ms */
async function load(name: string, write: (key: string, value: string) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  const until = began + LOAD_MS;
  let done = 0;
  const caller = async () => {
    while (performance.now() < until) {
      done += 1;
      await write(`${name}:${done}`, `value-${done}`);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return (performance.now() - began) / done;
}
