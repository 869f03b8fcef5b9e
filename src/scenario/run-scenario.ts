/*
 *   scenario ─▶ environment ─▶ client ─▶ steps ─▶ inspection ─▶ history.jsonl ─▶ judge ─▶ result.json
 *                    └────────── observer ──────────┘
 */
import { setMaxListeners } from "node:events";
import { writeFile } from "node:fs/promises";
import { seededRandom } from "../base/random.ts";
import { runningTime } from "../base/wait.ts";
import { judgeStream } from "../check/judge.ts";
import { type Driver, nodeDied } from "../driver/driver.ts";
import { runClock } from "../history/clock.ts";
import { streamHistory } from "../history/reader.ts";
import { openRecorder } from "../history/recorder.ts";
import { createRun, type RunFolder } from "../history/run-store.ts";
import { recordStalls } from "../history/stall-record.ts";
import type { ClientLibrary } from "../libraries/library.ts";
import { clientFor } from "../libraries/registry.ts";
import { nodeNames } from "../model/addresses.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import type { EndEvent, StepEvent } from "../model/event.ts";
import type { ClientEventData } from "../model/observed.ts";
import type { Result } from "../model/result.ts";
import { inspect } from "../observe/inspect.ts";
import { loggedNodes, logReader } from "../observe/node-logs.ts";
import { observe } from "../observe/observer.ts";
import type { TopologyView } from "../observe/view.ts";
import { endpointsNeeded, makePlan } from "../topology/registry.ts";
import { historyLog } from "../workload/log.ts";
import { targetOf } from "./client-target.ts";
import { configNotes } from "./config-files.ts";
import { CONNECT_MS, Drill } from "./drill.ts";
import { type Environment, startEnvironment } from "./environment.ts";
import { headerOf } from "./header.ts";
import type { RecordedDrill } from "./live/follow.ts";
import { liveOperations } from "./live-operations.ts";
import { recordLogs } from "./log-record.ts";
import type { DrillProgress } from "./progress.ts";
import type { Scenario } from "./schema.ts";
import { checkServers, toldServers } from "./servers.ts";
import { STEPS } from "./steps/registry.ts";
import { mergedLinks } from "./steps/step.ts";
import { writtenScenario } from "./written.ts";

export interface RunOptions {
  readonly driver: Driver;
  /** Version of the server, for the record. */
  readonly valkey: string;
  readonly seed: number;
  /** Where run folders are made. */
  readonly outDir: string;
  /** The command that repeats this run, or what makes it of the run's folder. */
  readonly replay: string | ((run: RunFolder) => string);
  readonly progress: DrillProgress;
  /** Aborts the drill: it stops, records what it has and clears up. */
  readonly signal: AbortSignal;
  /** Called as the recording begins, with all that is needed to follow it. Must not throw. */
  readonly onRecording?: (recording: RecordedDrill) => void;
  /** Called once there is a result and all is stopped, of a run that was interrupted or broke as well. Must not throw. */
  readonly onFinished?: (run: FinishedRun) => Promise<void>;
}

export interface FinishedRun {
  readonly result: Result;
  readonly folder: RunFolder;
}

/**
 * Refuses what could not work: an unknown selector, a fault that the driver cannot do, a workload on the wrong topology, a client
 * library that is not installed. Starts nothing.
 *
 * @throws DrillError `BAD_SCENARIO`, `BAD_USAGE`, `LACKS_CAPABILITY`, `MISSING_PACKAGE`
 */
export function checkScenario(scenario: Scenario, driver: Driver): void {
  const { count } = endpointsNeeded(scenario.topology);
  const places = Array.from({ length: count }, (_, index) => ({
    host: "127.0.0.1",
    port: index + 1,
    busPort: index + 1,
  }));
  const plan = makePlan(scenario.topology, places, seededRandom(0));
  checkServers(scenario.topology, plan, driver);
  clientFor(scenario.client, plan.kind);
  scenario.steps.forEach(({ action, value }, index) => {
    try {
      STEPS.get(action)?.check?.(value, { plan, driver });
    } catch (error) {
      if (!(error instanceof DrillError)) throw error;
      throw new DrillError(error.code, `${scenario.name}, step ${index + 1} (${action}): ${error.message}`, {
        hint: error.hint,
        cause: error,
      });
    }
  });
}

/**
 * Runs one drill from start to verdict, in a new run folder. Whatever happens, everything it started is stopped, and
 * what was recorded is on disk.
 *
 * @throws DrillError if the environment could not be brought up or broke; `INTERRUPTED` if the signal aborted
 */
export async function runScenario(scenario: Scenario, given: RunOptions): Promise<FinishedRun> {
  const library = clientFor(scenario.client, scenario.topology.kind);
  checkScenario(scenario, given.driver);
  const folder = await createRun(given.outDir, scenario.name);
  const replay = typeof given.replay === "string" ? given.replay : given.replay(folder);
  const options = { ...given, replay };
  const ran = [
    `seed ${options.seed}, Valkey ${options.valkey}, driver ${options.driver.name}, ${library.name} ${library.version}`,
    `again: ${options.replay}`,
    ...configNotes(scenario.topology),
  ];
  await writeFile(folder.scenario, writtenScenario(scenario, ran));
  const random = seededRandom(options.seed);

  const up = options.progress.step(`start ${scenario.topology.kind} topology, Valkey ${options.valkey}`);
  const environment = await startEnvironment({
    spec: scenario.topology,
    driver: options.driver,
    random,
    dir: folder.nodes,
    detached: false,
    links: mergedLinks(scenario.steps.map(({ action, value }) => STEPS.get(action)?.links?.(value))),
    signal: options.signal,
    onProgress: (text) => up.update(text),
  }).catch((error: unknown) => {
    up.fail(messageOf(error));
    throw interruptedOr(options.signal, error);
  });
  up.done(
    `${environment.topology.plan.nodes.length} nodes ready in ${(environment.readyMs / 1000).toFixed(2)} s`,
  );
  let finished: FinishedRun | undefined;
  try {
    const end = await record(scenario, options, library, folder, environment);
    const judged = judgeFolder(folder).then((result) => {
      finished = { result, folder };
      return finished;
    });
    if (end.error !== undefined) {
      await judged.catch(() => {}); // what broke the drill may well be why it cannot be judged: a full disk, say
      throw interruptedOr(options.signal, end.error);
    }
    return await judged;
  } finally {
    await environment.close();
    if (finished) await options.onFinished?.(finished);
  }
}

async function judgeFolder(folder: RunFolder): Promise<Result> {
  const result = await judgeStream(streamHistory(folder.history));
  await writeFile(folder.result, `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/** Steps whose condition may not come true: that is for the checkers to judge, and the drill goes on. */
const MAY_TIME_OUT = ["await", "schedule"];
/** How often the progress of a step is shown. */
const LIVE_MS = 200;

/** Runs the steps and writes the history. Returns what broke the drill, if something did. */
async function record(
  scenario: Scenario,
  options: RunOptions & { readonly replay: string },
  library: ClientLibrary,
  folder: RunFolder,
  { topology, admins, servers }: Environment,
): Promise<{ error?: unknown }> {
  const clock = runClock();
  const broken = new AbortController();
  const recorder = openRecorder(folder.history, (failure) => broken.abort(failure));
  const log = historyLog(recorder, clock, nodeNames(topology.plan));
  const operations = liveOperations(topology.plan);
  const random = seededRandom(options.seed).fork("drill");
  recorder.onEvent((event) => operations.take(event));
  let view: TopologyView = new Map();
  const watched = { plan: topology.plan, now: clock.now, onEvent: recorder.onEvent, view: () => view };
  options.onRecording?.({ ...watched, runId: folder.id, scenario, startedAt: clock.startedAt, options });
  const told = { ...options, valkey: toldServers(options.valkey, servers) };
  recorder.record(headerOf(scenario, told, library, folder, topology.plan, clock.startedAt));

  const signal = AbortSignal.any([options.signal, broken.signal]);
  setMaxListeners(0, signal);
  const unwatch = topology.onUnexpectedExit((exit) => broken.abort(nodeDied(exit)));
  const observer = await observe({ plan: topology.plan, admins, record: recorder.record, now: clock.now });
  view = observer.view;
  const logs = logReader({
    ...loggedNodes(topology.plan),
    admins,
    logOf: (node) => topology.log(node),
    fileOf: (node, path) => topology.fileOf(node, path),
    now: clock.now,
  });
  await logs.mark();
  const endStalls = recordStalls(recorder.record, clock.now);
  const clientOptions = { target: targetOf(topology.plan), random: random.fork("client") };
  let end: Omit<EndEvent, "type" | "at"> = { reason: "completed" };
  let failure: unknown;
  try {
    const connect = (name: ClientEventData["client"]) =>
      library.connect({ ...clientOptions, onEvent: log.connection(name) }, CONNECT_MS);
    const client = await connect("main");
    // WAIT holds up whatever follows it on its connection: reads must not queue behind it.
    const writer = scenario.durability.waitReplicas > 0 ? await connect("writer") : client;
    const drill = new Drill({
      topology,
      admins,
      observer,
      recorder,
      log,
      operations,
      library,
      client,
      writer,
      clientOptions,
      waitReplicas: scenario.durability.waitReplicas,
      random,
      signal,
    });
    try {
      await runSteps(scenario, drill, options.progress, recorder.record);
      await drill.stopWorkloads();
      await observer.refresh();
      const look = options.progress.step("read back every key at the servers");
      await inspect(topology.plan, observer.view, admins, log.toRead, log);
      log.observe("redirects", client.redirects());
      await logs.mark();
      await recordLogs(await logs.read(), log, folder);
      look.done(`${log.toRead.size} keys`);
    } finally {
      try {
        await drill.healWhatOutlives();
      } finally {
        await client.close();
        await writer.close();
      }
    }
  } catch (error) {
    failure = broken.signal.aborted ? broken.signal.reason : error;
    broken.abort(failure); // a step that failed ends the steady workloads too: nobody will stop them any more
    end = { reason: options.signal.aborted ? "interrupted" : "error", detail: messageOf(failure) };
  } finally {
    unwatch();
    await observer.stop();
    endStalls();
    recorder.record({ type: "end", at: clock.now(), ...end });
    await recorder.close();
  }
  return { error: failure ?? recorder.failure };
}

async function runSteps(
  scenario: Scenario,
  drill: Drill,
  progress: DrillProgress,
  recordEvent: (event: Parameters<ReturnType<typeof openRecorder>["record"]>[0]) => void,
): Promise<void> {
  for (const [index, { action, value }] of scenario.steps.entries()) {
    const kind = STEPS.get(action);
    if (!kind) throw new DrillError("BAD_SCENARIO", `no action is named "${action}"`);
    const name = kind.title(value);
    const shown = progress.step(name);
    let told = drill.operations.measure();
    const time = runningTime();
    const live = setInterval(() => {
      shown.update(told());
      told = drill.operations.measure();
    }, LIVE_MS);
    const tell = (status: StepEvent["status"], detail?: string) => {
      const stoodStillMs = Math.round(time.soFar().stoodStillMs) || undefined;
      recordEvent({ type: "step", at: drill.log.now(), index, name, status, detail, stoodStillMs });
    };
    tell("begin");
    try {
      const done = await kind.run(drill, value);
      drill.throwIfBroken();
      tell("done", done);
      shown.done(done);
    } catch (error) {
      const timedOut =
        error instanceof DrillError && error.code === "DEADLINE" && MAY_TIME_OUT.includes(action);
      tell(timedOut ? "timeout" : "error", messageOf(error));
      shown.fail(messageOf(error));
      if (!timedOut) throw error; // a condition that never came is for the checkers to judge
    } finally {
      clearInterval(live);
      time.end();
    }
  }
}

function interruptedOr(signal: AbortSignal, error: unknown): unknown {
  if (!signal.aborted) return error;
  return new DrillError("INTERRUPTED", "interrupted: everything that was started is stopped", {
    cause: error,
  });
}
