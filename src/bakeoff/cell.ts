/*
 *   topology ─▶ observer, counters ─▶ app client's process ─▶ scenario ─▶ well again? settled? ─▶ read back ─▶ measure
 *                                         └── calls ──────────┴── faults ──▶ history.jsonl     bakeoff.json
 */
import { setMaxListeners } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { seededRandom } from "../base/random.ts";
import { keyInRanges, keySlot } from "../base/slots.ts";
import { type Look, pause, waitFor } from "../base/wait.ts";
import { nodeDied } from "../driver/driver.ts";
import { awaitFindable } from "../driver/ready.ts";
import { createRun, type RunFolder } from "../history/run-store.ts";
import { recordStalls } from "../history/stall-record.ts";
import { LIBRARIES } from "../libraries/registry.ts";
import type { BakeoffRun } from "../model/bakeoff.ts";
import { DrillError, ERROR_CODES, type ErrorCode } from "../model/errors.ts";
import type { Plan, SlotRange } from "../model/plan.ts";
import { observe } from "../observe/observer.ts";
import { targetOf } from "../scenario/client-target.ts";
import { type Environment, startEnvironment } from "../scenario/environment.ts";
import type { TopologySpec } from "../topology/spec.ts";
import { type AppClientExit, startAppClient } from "./app-client-process.ts";
import { LiveCalls } from "./calls.ts";
import { CellContext } from "./cell-context.ts";
import type { CellOptions, CellPlan } from "./cell-plan.ts";
import { type CellRecording, openCellRecording } from "./cell-recording.ts";
import { cellSpec } from "./cell-spec.ts";
import type { Orders, Said } from "./child/messages.ts";
import { headerOf } from "./header.ts";
import { type Lists, type Measured, measure } from "./measure/measure.ts";
import type { Ran } from "./scenarios/scenario.ts";
import { countAtServers } from "./server-counters.ts";

const WRITES_PER_SECOND = 100;
const READS_PER_SECOND = 50;
/** Lists for each shard. */
const LISTS = 2;
const LAST_SLOTS = 40;
/** How long gossip may take until every node tells of every replica. */
const FINDABLE_MS = 20_000;
/** A library may take so long to connect, before anything is broken. */
const CONNECT_MS = 15_000;
/** How it is before the fault is measured for a while. */
const WARM_MS = 1000;
/** A process that does not end by itself in that time is ended. */
const END_MS = 1500;
/** How long the servers have been well when it is said that an app client is not. */
const RECOVER_MS = 15_000;
/** How long calls may take to settle once the app client is well, or was given up. */
const SETTLE_MS = 8_000;

/**
 * Runs one app client through one scenario, on a topology of its own, in a new run folder. Whatever happens, everything it started is
 * stopped.
 *
 * @throws DrillError if the environment could not be brought up or broke; `INTERRUPTED`
 */
export async function runCell(cell: CellPlan, options: CellOptions): Promise<BakeoffRun> {
  const began = performance.now();
  const { scenario, kind, library, profile } = cell;
  const name = `bakeoff-${kind}-${scenario.name}-${library}-${profile.name}`;
  const folder = await createRun(options.outDir, name);
  const spec = await cellSpec(scenario, kind, options.configFiles);
  const environment = await startEnvironment({
    spec,
    driver: options.driver,
    random: seededRandom(options.seed),
    dir: folder.nodes,
    detached: false,
    links: scenario.links,
    signal: options.signal,
  });
  try {
    const measured = await perform(cell, { ...options, spec }, folder, environment);
    const tookMs = Math.round(performance.now() - began);
    const { run, seed, replay } = options;
    const { verdict, reasons, notes, ...measures } = measured;
    const about = { run, seed, folder: folder.dir, replay, tookMs };
    const whole: BakeoffRun = { verdict, reasons, notes, ...about, ...measures };
    await writeFile(join(folder.dir, "bakeoff.json"), `${JSON.stringify(whole, null, 2)}\n`);
    return whole;
  } finally {
    await environment.close();
  }
}

/** What happened, before it is measured. */
interface Played extends Ran {
  readonly recovered: boolean;
  readonly scenarioEndedAt?: number;
  readonly exit?: AppClientExit;
  readonly endAt: number;
  readonly lists?: Lists;
}

async function perform(
  cell: CellPlan,
  options: CellOptions & { readonly spec: TopologySpec },
  folder: RunFolder,
  { topology, admins }: Environment,
): Promise<Measured> {
  const { plan } = topology;
  await awaitFindable(plan, admins, { timeoutMs: FINDABLE_MS, signal: options.signal });
  const recording = openCellRecording(LIBRARIES.get(cell.library)?.errors ?? []);
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  setMaxListeners(0, signal);
  const unwatch = topology.onUnexpectedExit((exit) => broken.abort(nodeDied(exit)));
  const observer = await observe({ plan, admins, record: recording.record, now: recording.clock.now });
  const counters = await countAtServers(plan, admins, recording.clock.now);
  const random = seededRandom(options.seed).fork("cellContext");
  const cellContext = new CellContext({ topology, admins, observer, recording, random, signal });
  const said: Said[] = [];
  const delay = monitorEventLoopDelay();
  delay.enable();
  const endStalls = recordStalls(recording.record, recording.clock.now);
  let played: Played | undefined;
  try {
    played = await play(cell, options, {
      cellContext,
      recording,
      said,
      logPath: join(folder.dir, "client.log"),
      signal,
    });
  } finally {
    unwatch();
    await cellContext.healWhatOutlives();
    await counters.stop();
    await observer.stop();
    endStalls();
    const note = (name: string, data: unknown) =>
      recording.record({ type: "observation", at: recording.clock.now(), name, data });
    note("bakeoff-lists", played?.lists ?? null);
    note("bakeoff-servers", counters.steps);
    note("bakeoff-client", said.filter(isOfProcess));
    const reason = signal.aborted ? "interrupted" : played ? "completed" : "error";
    recording.record({ type: "end", at: recording.clock.now(), reason });
    await recording.write(folder.history, headerOf(cell, options, folder, plan, recording.clock.startedAt));
  }
  const ownBlockedMs = delay.max / 1e6;
  delay.disable();
  return measure({ plan, events: recording.events(), said, steps: counters.steps, ownBlockedMs, ...played });
}

interface PlayParts {
  readonly cellContext: CellContext;
  readonly recording: CellRecording;
  readonly said: Said[];
  readonly logPath: string;
  readonly signal: AbortSignal;
}

/** From the start of the app client's process to its end. */
async function play(cell: CellPlan, options: CellOptions, parts: PlayParts): Promise<Played> {
  const { cellContext, recording, said, logPath, signal } = parts;
  const { program, recoverMs = RECOVER_MS } = options;
  const calls = new LiveCalls(cellContext.plan);
  const keys = keysOf(cellContext.plan);
  /** From then on calls end because the client is closed, which says nothing of it. */
  let closing = false;
  await cell.scenario.prepare?.(cellContext);
  const appClient = startAppClient({
    orders: ordersOf(cell, cellContext.plan, keys, recording),
    logPath,
    program,
    onSaid: (one) => {
      said.push(one);
      if (closing) return;
      recording.take(one);
      calls.take(one);
    },
  });
  const isGone = () => appClient.exit !== undefined;
  const isWell = () => calls.isWell(recording.clock.now());
  cellContext.client = { isWell, point: (name, address) => appClient.ask(`name ${name} ${address}`) };
  const until = (holds: () => boolean, what: string, timeoutMs: number) =>
    comesTrue(() => isGone() || holds(), what, timeoutMs, signal);
  let ran: Ran = {};
  let recovered = false;
  let scenarioEndedAt: number | undefined;
  try {
    const failure = () => said.find((one) => one.say === "failed");
    await until(() => failure() !== undefined || isWell(), "the app client to be well", CONNECT_MS);
    refuseWhatIsOurs(failure());
    if (!isGone() && failure() === undefined && isWell()) {
      await cellContext.hold(WARM_MS);
      ran = await cell.scenario.run(cellContext);
      scenarioEndedAt = recording.clock.now();
      recovered = (await until(isWell, "the app client to be well again", recoverMs)) && !isGone();
    }
    if (failure() === undefined) {
      appClient.ask("stop");
      // Until it says so, it may make calls that are not heard of yet.
      const hasStopped = () => said.some(({ say }) => say === "stopped");
      await until(() => hasStopped() && calls.open === 0, "all calls to settle", SETTLE_MS);
    }
    await cellContext.untilWhole();
    const endAt = recording.clock.now();
    const { exit } = appClient;
    closing = true;
    return { ...ran, recovered, scenarioEndedAt, exit, endAt, lists: await readBack(cellContext, keys) };
  } finally {
    closing = true;
    appClient.ask("end");
    await Promise.race([appClient.exited, pause(END_MS)]);
    await appClient.kill();
  }
}

/** A package that is not installed, or a profile that cannot be read, says nothing of the library. */
function refuseWhatIsOurs(failure: Said | undefined): void {
  if (failure?.say !== "failed" || failure.code === undefined || !Object.hasOwn(ERROR_CODES, failure.code))
    return;
  throw new DrillError(failure.code as ErrorCode, failure.message, { hint: failure.hint });
}

/** Every list as the primary that serves it has it; undefined if one could not be read. */
async function readBack(cellContext: CellContext, keys: readonly string[]): Promise<Lists | undefined> {
  const lists: Record<string, string[]> = {};
  for (const key of keys) {
    const owner = cellContext.ownerOf(keySlot(key));
    if (owner === undefined) return undefined;
    try {
      lists[key] =
        ((await cellContext.context.admins.of(owner).call(["LRANGE", key, 0, -1])) as string[]) ?? [];
    } catch {
      return undefined; // nobody knows what is there: the verdict says so
    }
  }
  return lists;
}

function ordersOf(cell: CellPlan, plan: Plan, keys: readonly string[], { clock }: CellRecording): Orders {
  const { library, module, profile, features, scenario } = cell;
  return {
    library,
    module,
    profile,
    features,
    password: scenario.password,
    target: scenario.target?.(plan) ?? targetOf(plan),
    names: scenario.names?.(plan),
    clockOrigin: String(process.hrtime.bigint() - BigInt(clock.now())),
    rates: { keys, writesPerSecond: WRITES_PER_SECOND, readsPerSecond: READS_PER_SECOND },
  };
}

/** The same lists for every app client: so many in each shard, near the end of its slots, which are the first to be moved. */
function keysOf({ kind, shards }: Plan): string[] {
  const all = kind === "ha" ? [undefined] : shards.filter(({ slots }) => slots.length > 0);
  return Array.from({ length: LISTS }, (_, n) => n).flatMap((n) =>
    all.map((shard) => (shard ? keyInRanges(`list${n}`, lastOf(shard.slots)) : `{list${n}}`)),
  );
}

function lastOf(slots: readonly SlotRange[]): SlotRange[] {
  const [, last = 0] = slots.at(-1) ?? [];
  return [[Math.max(0, last - LAST_SLOTS + 1), last]];
}

/** What the process said of itself, not of its calls. */
function isOfProcess({ say }: Said): boolean {
  return !["invoke", "ok", "error", "message", "stall"].includes(say);
}

async function comesTrue(
  holds: () => boolean,
  what: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const look = (): Look<true> => (holds() ? { done: true, value: true } : { done: false, seen: "not yet" });
  try {
    return await waitFor(look, { what, timeoutMs, signal });
  } catch (error) {
    if (error instanceof DrillError && error.code === "DEADLINE") return false;
    throw error;
  }
}
