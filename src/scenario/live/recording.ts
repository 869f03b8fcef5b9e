import { setMaxListeners } from "node:events";
import { join } from "node:path";
import { type Random, seededRandom } from "../../base/random.ts";
import type { DrillClient } from "../../client/client.ts";
import { type RunClock, runClock } from "../../history/clock.ts";
import { openRecorder, type Recorder } from "../../history/recorder.ts";
import { runFolder } from "../../history/run-store.ts";
import { recordStalls } from "../../history/stall-record.ts";
import type { ClientLibrary } from "../../libraries/library.ts";
import { nodeNames } from "../../model/addresses.ts";
import type { HistoryEvent } from "../../model/event.ts";
import { type LogReader, loggedNodes, logReader } from "../../observe/node-logs.ts";
import { type Observer, observe } from "../../observe/observer.ts";
import type { TopologySpec } from "../../topology/spec.ts";
import { historyLog, type Log } from "../../workload/log.ts";
import { targetOf } from "../client-target.ts";
import { withoutOrigin } from "../config-files.ts";
import { CONNECT_MS, Drill } from "../drill.ts";
import type { Environment } from "../environment.ts";
import { headerOf } from "../header.ts";
import { type LiveOperations, liveOperations } from "../live-operations.ts";
import { type Scenario, scenarioSchema } from "../schema.ts";

export interface LiveSessionOptions {
  readonly environment: Environment;
  readonly spec: TopologySpec;
  readonly driver: string;
  /** Version of the server, for the record. */
  readonly valkey: string;
  /** The library to begin with. */
  readonly library: ClientLibrary;
  /** Where the history is written while the session lasts. */
  readonly dir: string;
  /** Where run folders are made. */
  readonly outDir: string;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** A history that is written while somebody plays, and all that is needed to inject faults and to load what it is about. */
export interface LiveRecording {
  readonly clock: RunClock;
  readonly history: string;
  readonly recorder: Recorder;
  readonly log: Log;
  readonly operations: LiveOperations;
  readonly observer: Observer;
  readonly logs: LogReader;
  readonly drill: Drill;
  readonly random: Random;
  /** The library whose client sends. */
  readonly library: () => ClientLibrary;
  readonly client: () => DrillClient;
  /** From the next operation on another library sends. */
  useLibrary(library: ClientLibrary): Promise<void>;
  /** Every event, those before the first call included. */
  onEvent(listener: (event: HistoryEvent) => void): () => void;
  close(): Promise<void>;
}

/** Opens history, observer and client. On failure nothing of it is left open. */
export async function openLiveRecording(options: LiveSessionOptions): Promise<LiveRecording> {
  const { environment, seed, dir, signal } = options;
  const { topology, admins } = environment;
  setMaxListeners(0, signal);
  const clock = runClock();
  const history = join(dir, "history.jsonl");
  const recorder = openRecorder(history);
  const early: HistoryEvent[] = [];
  const endEarly = recorder.onEvent((event) => early.push(event));
  const operations = liveOperations(topology.plan);
  recorder.onEvent((event) => operations.take(event));
  const scenario = liveScenario(options, [{ wait: "1s" }]);
  const log = historyLog(recorder, clock, nodeNames(topology.plan));
  const header = { ...options, driver: { name: options.driver }, replay: "" };
  recorder.record(
    headerOf(scenario, header, options.library, runFolder(dir), topology.plan, clock.startedAt),
  );
  const observer = await observe({ plan: topology.plan, admins, record: recorder.record, now: clock.now });
  const endStalls = recordStalls(recorder.record, clock.now);
  const random = seededRandom(seed).fork("drill");
  const clientOptions = { target: targetOf(topology.plan), random: random.fork("client") };
  const connect = (library: ClientLibrary) =>
    library.connect({ ...clientOptions, onEvent: log.connection("main") }, CONNECT_MS);
  const closeParts = async () => {
    await observer.stop();
    endStalls();
    await recorder.close();
  };
  try {
    const logs = logReader({
      ...loggedNodes(topology.plan),
      admins,
      logOf: (node) => topology.log(node),
      fileOf: (node, path) => topology.fileOf(node, path),
      now: clock.now,
    });
    await logs.mark();
    const using = { library: options.library, client: await connect(options.library) };
    const drill = new Drill({
      topology,
      admins,
      observer,
      recorder,
      log,
      operations,
      get library() {
        return using.library;
      },
      get client() {
        return using.client;
      },
      get writer() {
        return using.client;
      },
      clientOptions,
      waitReplicas: 0,
      random,
      signal,
    });
    return {
      clock,
      history,
      recorder,
      log,
      operations,
      observer,
      logs,
      drill,
      random,
      library: () => using.library,
      client: () => using.client,
      useLibrary: async (library) => {
        const client = await connect(library);
        const before = using.client;
        Object.assign(using, { library, client });
        await before.close();
      },
      onEvent: (listener) => {
        endEarly();
        for (const event of early.splice(0)) listener(event);
        return recorder.onEvent(listener);
      },
      close: async () => {
        await drill.stopWorkloads().catch(() => {}); // told when it broke
        await drill.healWhatOutlives().finally(async () => {
          await using.client.close();
          await observer.stop(); // the last line is the last
          recorder.record({
            type: "end",
            at: clock.now(),
            reason: "interrupted",
            detail: "the session was ended",
          });
          await closeParts();
        });
      },
    };
  } catch (error) {
    await closeParts();
    throw error;
  }
}

/** The session as a scenario with these steps, as they are written. */
export function liveScenario(
  { spec, library }: Pick<LiveSessionOptions, "spec" | "library">,
  steps: readonly unknown[],
): Scenario {
  return scenarioSchema.parse({
    name: LIVE_NAME,
    description: "What was done by hand in a live session.",
    topology: withoutOrigin(spec),
    client: library.name,
    steps,
  });
}

const LIVE_NAME = "live-session";
