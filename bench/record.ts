import { join } from "node:path";
import { seededRandom } from "../src/base/random.ts";
import type { DrillClient } from "../src/client/client.ts";
import { runClock } from "../src/history/clock.ts";
import { openRecorder, type Recorder } from "../src/history/recorder.ts";
import { LIBRARIES } from "../src/libraries/registry.ts";
import type { Plan } from "../src/model/plan.ts";
import { targetOf } from "../src/session/client-target.ts";
import { startEnvironment } from "../src/session/environment.ts";
import { haSpecSchema } from "../src/topology/spec.ts";
import { historyLog } from "../src/workload/log.ts";
import type { Bench, BenchContext } from "./bench.ts";
import { median, perSecond, ratio } from "./table.ts";
import { setsPerSecond } from "./valkey-benchmark.ts";

const EVENTS = 200_000;
/** Callers that each wait for their answer: as many as keep both cores busy. */
const CALLERS = 64;
const LOAD_MS = 150;
/** Many short turns, each with all ways, there and back: what else the machine does falls on all alike. */
const TURNS_EACH_RUN = 10;
const DEADLINE_MS = 5000;

/** What writing the history costs: for one event, and for a client that writes as fast as it can. */
export const recordBench: Bench = {
  name: "record",
  summary: "cost of recording one event; throughput of a client with and without recording",
  async run(context) {
    const events: { callMs: number; wholeMs: number }[] = [];
    for (let run = 0; run < context.runs; run += 1) events.push(await recordMany(context, run));
    const turns = await compareThroughput(context);
    const speed = (way: Way) => perSecond(1, median(turns.map((turn) => turn[way])));
    /**
     * Of each turn, and of these the middle one: from turn to turn the machine's own speed differs by more than is to
     * be measured.
     */
    const beside = (way: Way) => turns.map((turn) => turn.dropped / turn[way]).sort((a, b) => a - b);
    const kept = beside("recorded");
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
        ["SET, the workload, recorded (two events each)", speed("recorded"), ratio(median(kept))],
        ["SET, the workload, its events dropped", speed("dropped"), ratio(1)],
        ["SET, the client alone", speed("plain"), ratio(median(beside("plain")))],
        [
          "SET, valkey-benchmark",
          ...(context.server.cli ? [speed("theirs"), ratio(median(beside("theirs")))] : ["–", ""]),
        ],
      ],
      notes: [
        "",
        `SET: one connection to the primary of an HA topology, ${CALLERS} under way, as fast as it goes, in turns.`,
        "The client and the workload are one thread, which writes the history too: it is busy all the time.",
        `Ratio: the middle one of ${turns.length} turns; half of them keep ${quarters(kept)} when recorded.`,
        ...(context.server.cli ? [] : ["No valkey-benchmark stands beside this server."]),
      ],
    };
  },
};

const WAYS = ["theirs", "plain", "dropped", "recorded"] as const;
type Way = (typeof WAYS)[number];
/** Time for one operation by each way, ms. */
type Turn = Readonly<Record<Way, number>>;

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

const quarters = (sorted: readonly number[]) =>
  [0.25, 0.75]
    .map((share) => ratio(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN))
    .join(" to ");

/** All ways in turns, each turn there and back (A B C C B A), so that what else the machine does hurts all alike. */
async function compareThroughput(context: BenchContext): Promise<Turn[]> {
  const { driver, dir, signal, tell } = context;
  const [library] = LIBRARIES.values();
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
    const turns: Turn[] = [];
    let loads = 0;
    const once = async (way: Way): Promise<number> => {
      loads += 1;
      if (way === "theirs") return context.server.cli ? loadTheirs(context, environment.topology.plan) : 0;
      if (way === "plain") return loadPlain(client, `plain-${loads}`);
      if (way === "dropped") return loadRecorded(client, DROPPING, `dropped-${loads}`);
      const recorder = openRecorder(join(dir, `load-${loads}.jsonl`));
      const time = await loadRecorded(client, recorder, `recorded-${loads}`);
      const failure = await recorder.close();
      if (failure) throw failure;
      return time;
    };
    try {
      await loadRecorded(client, DROPPING, "warm"); // until the compiler and the sockets are at full speed
      for (let run = 0; run < context.runs * TURNS_EACH_RUN; run += 1) {
        signal.throwIfAborted();
        const turn = { theirs: 0, plain: 0, dropped: 0, recorded: 0 };
        for (const way of [...WAYS, ...WAYS.toReversed()]) turn[way] += (await once(way)) / 2;
        turns.push(turn);
        tell(
          `SET, ${run + 1} of ${context.runs * TURNS_EACH_RUN}: recorded ${ratio(turn.dropped / turn.recorded)} of ` +
            `the same, dropped`,
        );
      }
    } finally {
      await client.close();
    }
    return turns;
  } finally {
    await environment.close();
  }
}

/** The same connections and depth, by Valkey's own program. */
async function loadTheirs({ server, signal }: BenchContext, plan: Plan): Promise<number> {
  const primary = plan.nodes.find(({ role }) => role === "primary");
  if (!primary) throw new Error("no primary");
  // Whole pipelines: with a part of one at the end it now and then takes its own last client for one that was
  // disconnected, and aborts.
  const requests = String(CALLERS * 800);
  const flags = ["-c", "1", "-P", String(CALLERS), "-n", requests, "-r", requests];
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
