import { join } from "node:path";
import type { Page } from "playwright-core";
import { seededRandom } from "../src/base/random.ts";
import { pause } from "../src/base/wait.ts";
import { openLiveServer } from "../src/dashboard/server/server.ts";
import type { LiveSource } from "../src/dashboard/source.ts";
import { runClock } from "../src/history/clock.ts";
import { openRecorder } from "../src/history/recorder.ts";
import { liveNodes, liveSource } from "../src/live/source.ts";
import { makePlan } from "../src/topology/registry.ts";
import { haSpecSchema } from "../src/topology/spec.ts";
import { historyLog, type Log } from "../src/workload/log.ts";
import { openChromium } from "../test/support/chromium.ts";
import type { Bench, BenchContext } from "./bench.ts";
import { median } from "./table.ts";

const PER_SECOND = 20_000;
const MEASURE_MS = 5000;
const WARM_MS = 3000;
/** One in so many operations fails, so that errors are drawn as well. */
const FAILING = 200;

/** What drawing was like for a while, in ms. */
interface Frames {
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
  readonly perSecond: number;
  /** Time in which the page could not answer: in tasks above 50 ms. */
  readonly blocked: number;
  readonly operationsPerSecond: number;
}

/** Does the page stay fluent while twenty thousand operations a second go through recorder, feed and server? */
export const liveBench: Bench = {
  name: "live",
  summary: `frame times of the live page at ${PER_SECOND.toLocaleString("en-US")} operations a second, and idle`,
  async run(context) {
    const { idle, loaded } = await measure(context);
    const of = (name: string, all: readonly Frames[]) => {
      const middle = (read: (frames: Frames) => number) => median(all.map(read));
      return [
        name,
        Math.round(middle((one) => one.operationsPerSecond)).toLocaleString("en-US"),
        ms(middle((one) => one.median)),
        ms(middle((one) => one.p99)),
        ms(middle((one) => one.longest)),
        middle((one) => one.perSecond).toFixed(1),
        ms(middle((one) => one.blocked)),
      ];
    };
    return {
      title: "live: frame times of the page",
      columns: ["", "operations/s", "median", "99%", "longest", "frames/s", "blocked"],
      rows: [of("idle", idle), of("loaded", loaded)],
      notes: [
        "",
        `Chromium, headless, 1280 × 900; ${MEASURE_MS / 1000} s each, in turns; the page shows the last minute ` +
          `in both.`,
        `Recorder, feed, server and sender are one process. 1 of ${FAILING} operations fails.`,
        "blocked: time in tasks of the page above 50 ms.",
      ],
    };
  },
};

async function measure({ dir, runs, signal, tell }: BenchContext) {
  const clock = runClock();
  const recorder = openRecorder(join(dir, "live.jsonl"));
  const log = historyLog(recorder, clock);
  const server = await openLiveServer();
  const browser = await openChromium();
  const idle: Frames[] = [];
  const loaded: Frames[] = [];
  try {
    server.show(sourceOf(recorder.onEvent, clock));
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(server.url);
    await page.waitForSelector("main.live");
    await whileSending(log, signal, () => pause(WARM_MS, signal));
    for (let run = 1; run <= runs; run += 1) {
      idle.push(await frames(page));
      loaded.push(await whileSending(log, signal, () => frames(page)));
      tell(
        `live, ${run} of ${runs}: 99% of ` +
          `frames within ${ms(idle.at(-1)?.p99 ?? 0)} idle, ${ms(loaded.at(-1)?.p99 ?? 0)} loaded`,
      );
    }
  } finally {
    await browser.close();
    await server.close();
    await recorder.close();
  }
  if (recorder.failure) throw recorder.failure;
  return { idle, loaded };
}

let sent = 0;

/** At a fixed rate; what the event loop was late for is sent at once, as the probe does. */
async function whileSending<T>(log: Log, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  const began = performance.now();
  const before = sent;
  const sending = (async () => {
    while (!done.signal.aborted && !signal.aborted) {
      const due = before + ((performance.now() - began) / 1000) * PER_SECOND;
      for (; sent < due; sent += 1) void operation(log, sent);
      await pause(1);
    }
  })();
  try {
    return await work();
  } finally {
    done.abort();
    await sending;
  }
}

function operation(log: Log, number: number): Promise<unknown> {
  const f = number % 2 === 0 ? "write" : "read";
  const start = { client: "probe", workload: "unique-writes", f, key: `unique:${number}`, value: "value" };
  return log.operation({ ...start, due: log.now() }, async () => {
    if (number % FAILING === 0) throw new Error("connect ECONNREFUSED 127.0.0.1:1");
    return undefined;
  });
}

/** Frames of the page while it is left alone. */
async function frames(page: Page): Promise<Frames> {
  const [before, began] = [sent, performance.now()];
  const seen = (await page.evaluate(MEASURE(MEASURE_MS))) as { deltas: number[]; blocked: number };
  const tookMs = performance.now() - began;
  const deltas = seen.deltas.toSorted((a, b) => a - b);
  const at = (part: number) => deltas[Math.min(deltas.length - 1, Math.floor(deltas.length * part))] ?? 0;
  return {
    median: at(0.5),
    p99: at(0.99),
    longest: at(1),
    perSecond: (deltas.length / tookMs) * 1000,
    blocked: seen.blocked,
    operationsPerSecond: ((sent - before) / tookMs) * 1000,
  };
}

/** Runs in the page. */
const MEASURE = (forMs: number) => `new Promise((resolve) => {
  const deltas = [];
  let blocked = 0;
  const tasks = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) blocked += duration;
  });
  tasks.observe({ type: "longtask" });
  const began = performance.now();
  let last;
  const frame = (now) => {
    if (last !== undefined) deltas.push(now - last);
    last = now;
    if (now - began < ${forMs}) return requestAnimationFrame(frame);
    tasks.disconnect();
    resolve({ deltas, blocked });
  };
  requestAnimationFrame(frame);
})`;

/** Nodes as a plan names them, with offsets that grow: nothing is started. */
function sourceOf(onEvent: LiveSource["onEvent"], clock: ReturnType<typeof runClock>): LiveSource {
  const spec = haSpecSchema.parse({ kind: "ha" });
  const places = Array.from({ length: 6 }, (_, index) => ({ host: "127.0.0.1", port: index + 1 }));
  const plan = makePlan(spec, places, seededRandom(1));
  const setup = {
    id: "bench",
    title: "bench",
    mode: "watch" as const,
    kind: plan.kind,
    driver: "none",
    valkey: "none",
    startedAt: clock.startedAt,
    nodes: liveNodes(plan),
    shards: plan.shards,
    faults: [],
    workloads: [],
    clients: [],
  };
  const data = plan.nodes.filter(({ program }) => program === "server").map(({ name }) => name);
  const source = liveSource({ plan, now: clock.now, onEvent, view: () => new Map() }, setup, () => ({
    workload: null,
    client: "none",
    busy: [],
    steps: [],
    over: false,
    ended: null,
  }));
  return { ...source, nodesNow: () => data.map((name) => ({ name, offset: sent * 100, slots: "" })) };
}

const ms = (value: number) => `${value.toFixed(1)} ms`;
