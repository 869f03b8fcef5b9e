import { seededRandom } from "../src/base/random.ts";
import { openRecorder } from "../src/history/recorder.ts";
import { HISTORY_SCHEMA_VERSION, type HistoryEvent } from "../src/model/event.ts";
import { failoverSettings, makePlan } from "../src/topology/registry.ts";
import { haSpecSchema } from "../src/topology/spec.ts";

const MS = 1e6;
const PER_SECOND = 1000;
const OUTAGE_MS = 2200;
const WATERMARK_EVERY_MS = 100;
const VALUES_IN_ONE = 1000;

/**
 * Writes the history of a made-up HA failover: writes of the probe, one each millisecond; the primary is killed in the
 * middle.
 *
 * @returns the number of lines
 */
export async function writeSampleHistory(path: string, writes: number): Promise<number> {
  const recorder = openRecorder(path);
  let lines = 0;
  for (const event of eventsOf(writes)) {
    recorder.record(event);
    lines += 1;
    if (lines % 10_000 === 0) await new Promise((resolve) => setImmediate(resolve)); // let it write
  }
  const failure = await recorder.close();
  if (failure) throw failure;
  return lines;
}

function* eventsOf(writes: number): Generator<HistoryEvent> {
  yield header();
  const killMs = Math.floor(writes / PER_SECOND / 2) * 1000;
  const values: [string, string | null][] = [];
  for (let op = 1; op <= writes; op += 1) {
    const ms = (op * 1000) / PER_SECOND;
    const at = ms * MS;
    if (ms === killMs) yield* kill(at);
    if (ms === killMs + OUTAGE_MS) yield* promotion(at);
    if (ms % WATERMARK_EVERY_MS === 0) yield watermark(at, ms < killMs + OUTAGE_MS);
    const down = ms >= killMs && ms < killMs + OUTAGE_MS;
    const [key, value] = [`unique:0123ab:${op}`, `${op}-0123abcd`];
    const common = { client: "probe", workload: "unique-writes", f: "write", key, value };
    yield { type: "invoke", at, op, ...common, due: at };
    if (down) {
      const error = { class: "ECONNREFUSED", message: "connect ECONNREFUSED 127.0.0.1:20000" };
      yield { type: "fail", at: at + MS / 2, op, error };
    } else {
      yield { type: "ok", at: at + MS / 2, op, node: ms < killMs ? "primary" : "replica-1" };
    }
    values.push([key, down ? null : value]);
  }
  const end = ((writes * 1000) / PER_SECOND + 1) * MS;
  for (let from = 0; from < values.length; from += VALUES_IN_ONE) {
    const data = { node: "replica-1", values: values.slice(from, from + VALUES_IN_ONE) };
    yield { type: "observation", at: end, name: "final-values", data };
  }
  for (const node of ["primary", "replica-1", "replica-2"]) {
    const role = node === "replica-1" ? "primary" : "replica";
    const follows = role === "replica" ? "replica-1" : undefined;
    const data = {
      node,
      reachable: true,
      role,
      follows,
      linkUp: true,
      slots: [],
      keys: values.length,
      digest: "d0",
    };
    yield { type: "observation", at: end, name: "final-node", data };
  }
  yield { type: "end", at: end, reason: "completed" };
}

function* kill(at: number): Generator<HistoryEvent> {
  const fault = {
    type: "fault",
    fault: "kill",
    targets: ["primary"],
    primaries: ["primary"],
    id: 1,
  } as const;
  yield { ...fault, at, phase: "inject" };
  yield { ...fault, at, phase: "injected" };
  yield { type: "topology", at, source: "primary", event: "reachable", subject: "primary", to: "no" };
}

function* promotion(at: number): Generator<HistoryEvent> {
  const fault = {
    type: "fault",
    fault: "kill",
    targets: ["primary"],
    primaries: ["primary"],
    id: 1,
  } as const;
  yield { type: "topology", at, source: "replica-1", event: "role", subject: "replica-1", to: "primary" };
  yield { type: "topology", at, source: "replica-2", event: "link", subject: "replica-2", to: "up" };
  yield { ...fault, at, phase: "heal" };
  yield { ...fault, at, phase: "healed" };
  yield { type: "topology", at, source: "primary", event: "reachable", subject: "primary", to: "yes" };
  yield { type: "topology", at, source: "primary", event: "role", subject: "primary", to: "replica" };
  yield { type: "topology", at, source: "primary", event: "link", subject: "primary", to: "up" };
}

function watermark(at: number, before: boolean): HistoryEvent {
  const primary = before ? "primary" : "replica-1";
  const replicas = before ? ["replica-1", "replica-2"] : ["primary", "replica-2"];
  return { type: "replicated", at, primary, replicas, ackedBy: at - MS, offset: at / 1000 };
}

function header(): HistoryEvent {
  const spec = haSpecSchema.parse({ kind: "ha" });
  const places = Array.from({ length: 6 }, (_, index) => ({ host: "127.0.0.1", port: 20_000 + index }));
  const plan = makePlan(spec, places, seededRandom(1));
  return {
    type: "header",
    at: 0,
    schemaVersion: HISTORY_SCHEMA_VERSION,
    runId: "20250101-000000-sample-0000",
    scenario: "sample",
    seed: 1,
    startedAt: "2025-01-01T00:00:00.000Z",
    topology: {
      kind: "ha",
      driver: "process",
      valkey: "0.0.0",
      nodes: plan.nodes.map(({ name, role, endpoint }) => ({ name, role, endpoint })),
      shards: [],
      quorum: plan.quorum,
      settings: failoverSettings(spec),
    },
    client: { name: "none", version: "0.0.0" },
    waitReplicas: 0,
    expect: { promoted: true, lostAcknowledgedWrites: "replicated" },
    replay: "npm run bench -- judge",
  };
}
