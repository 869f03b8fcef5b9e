/*
 *   scenario ─▶ environment ─▶ session ─▶ client ─▶ steps ─▶ settle ─▶ history.jsonl ─▶ judge ─▶ result.json
 */
import { writeFile } from "node:fs/promises";
import type { PlannedApp } from "../app/app-drill.ts";
import { seededRandom } from "../base/random.ts";
import { runningTime } from "../base/wait.ts";
import type { Driver } from "../driver/driver.ts";
import { openRecorder } from "../history/recorder.ts";
import { createRun, type RunFolder } from "../history/run-store.ts";
import type { ClientLibrary } from "../libraries/library.ts";
import { clientFor } from "../libraries/registry.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import type { StepEvent } from "../model/event.ts";
import type { Result } from "../model/result.ts";
import { configNotes } from "../scenario/config-files.ts";
import type { Scenario } from "../scenario/schema.ts";
import { STEPS, titleOf } from "../scenario/steps/registry.ts";
import { mergedLinks } from "../scenario/steps/step.ts";
import { writtenScenario } from "../scenario/written.ts";
import { type Environment, startEnvironment } from "../session/environment.ts";
import { clientOf } from "../session/header.ts";
import { judgeFolder } from "../session/judge-folder.ts";
import { toldServers } from "../session/servers.ts";
import { inSession, type Recording, type SessionOptions } from "../session/session.ts";
import { Workloads } from "../session/workloads.ts";
import { AppOrders, type FollowedApp } from "./app-orders.ts";
import { checkScenario } from "./check-scenario.ts";
import type { Drill } from "./drill.ts";
import type { DrillProgress } from "./progress.ts";
import { stepRun } from "./step-runs.ts";
import { plannedApp, sendsItself, withApp } from "./with-app.ts";

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
  /**
   * Called once there is a result and all is stopped, of a run that was interrupted or broke as well. Must not throw.
   */
  readonly onFinished?: (run: FinishedRun) => Promise<void>;
}

/** A drill whose recording has just begun. */
export interface RecordedDrill extends Recording {
  readonly runId: string;
  readonly scenario: Scenario;
  readonly options: Pick<RunOptions, "driver" | "valkey">;
  /** The application under the drill, where there is one. */
  readonly app?: FollowedApp;
}

export interface FinishedRun {
  readonly result: Result;
  readonly folder: RunFolder;
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

  const app = await plannedApp(scenario);
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
    app?.places.release();
    up.fail(messageOf(error));
    throw interruptedOr(options.signal, error);
  });
  up.done(
    `${environment.topology.plan.nodes.length} nodes ready in ${(environment.readyMs / 1000).toFixed(2)} s`,
  );
  let finished: FinishedRun | undefined;
  try {
    const broke = await record(scenario, options, library, folder, environment, app);
    const judged = judgeFolder(folder).then((result) => {
      finished = { result, folder };
      return finished;
    });
    if (broke !== undefined) {
      await judged.catch(() => {}); // what broke the drill may well be why it cannot be judged: a full disk, say
      throw interruptedOr(options.signal, broke);
    }
    return await judged;
  } finally {
    app?.places.release();
    await environment.close();
    if (finished) await options.onFinished?.(finished);
  }
}

/** Steps whose condition may not come true: that is for the checkers to judge, and the drill goes on. */
const MAY_TIME_OUT = ["await", "schedule"];
/** How often the progress of a step is shown. */
const LIVE_MS = 200;

/** Runs the steps and writes the history. Resolves to what broke the drill, if something did. */
async function record(
  scenario: Scenario,
  options: RunOptions & { readonly replay: string },
  library: ClientLibrary,
  folder: RunFolder,
  environment: Environment,
  app: PlannedApp | undefined,
): Promise<unknown> {
  const { seed, driver, valkey, replay, signal, onRecording } = options;
  const { name, topology: spec, durability, expect } = scenario;
  const header = {
    runId: folder.id,
    scenario: name,
    seed,
    spec,
    driver: driver.name,
    valkey: toldServers(valkey, environment.servers),
    client: clientOf(library, spec.kind),
    ...(app && { app: app.header }),
    waitReplicas: durability.waitReplicas,
    expect,
    replay,
  };
  const orders = app && new AppOrders(app);
  const sessionOptions: SessionOptions = {
    openSink: (onFailure) => openRecorder(folder.history, onFailure),
    header,
    random: seededRandom(seed).fork("drill"),
    signal,
    whenBroken: "ends",
    readsLogs: true,
    onBegin: (recording) =>
      onRecording?.({ ...recording, runId: folder.id, scenario, options, ...(orders && { app: orders }) }),
  };
  const { failure } = await inSession(environment, sessionOptions, async (session) => {
    const workloads = new Workloads(session, durability.waitReplicas);
    const isSending = sendsItself(scenario);
    if (isSending) await workloads.use(library);
    await withApp(app, { scenario, session, folder, progress: options.progress }, async (running) => {
      const work = async () => {
        await runSteps(scenario, { session, workloads, ...(running && { app: running }) }, options.progress);
        await workloads.stopAll();
      };
      await (running && orders ? orders.during(running, work) : work());
    });
    const look = options.progress.step("read back every key at the servers");
    if (isSending) session.log.observe("redirects", workloads.redirects());
    await session.settle(folder);
    look.done(`${session.log.toRead.size} keys`);
  });
  return failure;
}

async function runSteps(scenario: Scenario, drill: Drill, progress: DrillProgress): Promise<void> {
  const { recorder, operations, clock } = drill.session;
  for (const [index, step] of scenario.steps.entries()) {
    const { action, value } = step;
    const name = titleOf(step);
    const shown = progress.step(name);
    let told = operations.measure();
    const time = runningTime();
    const live = setInterval(() => {
      shown.update(told());
      told = operations.measure();
    }, LIVE_MS);
    const tell = (status: StepEvent["status"], detail?: string) => {
      const stoodStillMs = Math.round(time.soFar().stoodStillMs) || undefined;
      recorder.record({ type: "step", at: clock.now(), index, name, status, detail, stoodStillMs });
    };
    tell("begin");
    try {
      const done = await stepRun(action)(drill, value);
      drill.workloads.throwIfBroken();
      drill.app?.throwIfBroken();
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
