import { join } from "node:path";
import { seededRandom } from "../src/base/random.ts";
import type { DrillClient } from "../src/client/client.ts";
import { CLIENTS } from "../src/client/registry.ts";
import { runClock } from "../src/history/clock.ts";
import { openRecorder, type Recorder } from "../src/history/recorder.ts";
import type { Plan } from "../src/model/plan.ts";
import { targetOf } from "../src/scenario/client-target.ts";
import { startEnvironment } from "../src/scenario/environment.ts";
import { haSpecSchema } from "../src/topology/spec.ts";
import { historyLog } from "../src/workload/log.ts";
import type { Bench, BenchContext } from "./bench.ts";
import { median, perSecond, ratio } from "./table.ts";
import { setsPerSecond } from "./valkey-benchmark.ts";

const EVENTS = 200_000;
/** Callers that each wait for their answer: as many as keep both cores busy. */
const CALLERS = 64;
const LOAD_MS = 300;
/** Many short turns: what else the machine does falls on all alike. */
const TURNS_EACH_RUN = 5;
const DEADLINE_MS = 5000;

/** What writing the history costs: for one event, and for a client that writes as fast as it can. */
export const recordBench: Bench = {
  name: "record",
  summary: "cost of recording one event; throughput of a client with and without recording",
  async run(context) {
    const events: { callMs: number; wholeMs: number }[] = [];
    for (let run = 0; run < context.runs; run += 1) events.push(await recordMany(context, run));
    const times = await compareThroughput(context);
    const [theirs, plain] = [median(times.theirs), median(times.plain)];
    const [dropped, recorded] = [median(times.dropped), median(times.recorded)];
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
        ["SET, the workload, recorded (two events each)", perSecond(1, recorded), ratio(dropped / recorded)],
        ["SET, the workload, its events dropped", perSecond(1, dropped), ratio(1)],
        ["SET, the client alone", perSecond(1, plain), ratio(dropped / plain)],
        [
          "SET, valkey-benchmark",
          ...(theirs > 0 ? [perSecond(1, theirs), ratio(dropped / theirs)] : ["–", ""]),
        ],
      ],
      notes: [
        "",
        `SET: one connection to the primary of an HA topology, ${CALLERS} under way, as fast as it goes, in turns.`,
        "The client and the workload are one thread, which writes the history too: it is busy all the time.",
        ...(context.server.cli ? [] : ["No valkey-benchmark stands beside this server."]),
      ],
    };
  },
};

/** Takes events, and forgets them. */
const DROPPING: Recorder = {
  record() {},
  onEvent: () => () => {},
  failure: undefined,
  flush: async () => {},
  close: async () => undefined,
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
    const times: Record<"theirs" | "plain" | "dropped" | "recorded", number[]> = {
      theirs: [],
      plain: [],
      dropped: [],
      recorded: [],
    };
    try {
      await loadRecorded(client, DROPPING, "warm"); // until the compiler and the sockets are at full speed
      for (let run = 0; run < context.runs * TURNS_EACH_RUN; run += 1) {
        signal.throwIfAborted();
        if (context.server.cli) times.theirs.push(await loadTheirs(context, environment.topology.plan));
        times.plain.push(await loadPlain(client, `plain-${run}`));
        times.dropped.push(await loadRecorded(client, DROPPING, `dropped-${run}`));
        const recorder = openRecorder(join(dir, `load-${run}.jsonl`));
        times.recorded.push(await loadRecorded(client, recorder, `recorded-${run}`));
        const failure = await recorder.close();
        if (failure) throw failure;
        const [without = 0, recorded = 1] = [times.dropped.at(-1), times.recorded.at(-1)];
        tell(
          `SET, ${run + 1} of ${context.runs}: recorded ${ratio(without / recorded)} of the same, dropped`,
        );
      }
    } finally {
      await client.close();
    }
    return times;
  } finally {
    await environment.close();
  }
}

/** The same connections and depth, by Valkey's own program. */
async function loadTheirs({ server, signal }: BenchContext, plan: Plan): Promise<number> {
  const primary = plan.nodes.find(({ role }) => role === "primary");
  if (!primary) throw new Error("no primary");
  const flags = ["-c", "1", "-P", String(CALLERS), "-n", "50000", "-r", "50000"];
  return 1000 / (await setsPerSecond(server, { ...primary.endpoint, flags, signal }));
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
