/*
 *   topology ─▶ observer, counters ─▶ contender's process ─▶ scenario ─▶ well again? settled? ─▶ read back ─▶ measure
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
import { LiveCalls } from "./calls.ts";
import type { CellOptions, CellPlan } from "./cell-plan.ts";
import { cellSpec } from "./cell-spec.ts";
import type { Orders, Said } from "./child/messages.ts";
import { type ContenderExit, startContender } from "./contender-process.ts";
import { headerOf } from "./header.ts";
import { type Journal, openJournal } from "./journal.ts";
import { type Lists, type Measured, measure } from "./measure/measure.ts";
import type { Ran } from "./scenarios/scenario.ts";
import { countAtServers } from "./server-counters.ts";
import { Stage } from "./stage.ts";

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
/** How long the servers have been well when it is said that a contender is not. */
const RECOVER_MS = 15_000;
/** How long calls may take to settle once the contender is well, or was given up. */
const SETTLE_MS = 8_000;

/**
 * Runs one contender through one scenario, on a topology of its own, in a new run folder. Whatever happens, everything it started is
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
  readonly exit?: ContenderExit;
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
  const journal = openJournal(LIBRARIES.get(cell.library)?.errors ?? []);
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  setMaxListeners(0, signal);
  const unwatch = topology.onUnexpectedExit((exit) => broken.abort(nodeDied(exit)));
  const observer = await observe({ plan, admins, record: journal.record, now: journal.clock.now });
  const counters = await countAtServers(plan, admins, journal.clock.now);
  const random = seededRandom(options.seed).fork("stage");
  const stage = new Stage({ topology, admins, observer, journal, random, signal });
  const said: Said[] = [];
  const delay = monitorEventLoopDelay();
  delay.enable();
  const endStalls = recordStalls(journal.record, journal.clock.now);
  let played: Played | undefined;
  try {
    played = await play(cell, options, {
      stage,
      journal,
      said,
      logPath: join(folder.dir, "client.log"),
      signal,
    });
  } finally {
    unwatch();
    await stage.healWhatOutlives();
    await counters.stop();
    await observer.stop();
    endStalls();
    const note = (name: string, data: unknown) =>
      journal.record({ type: "observation", at: journal.clock.now(), name, data });
    note("bakeoff-lists", played?.lists ?? null);
    note("bakeoff-servers", counters.steps);
    note("bakeoff-client", said.filter(isOfProcess));
    const reason = signal.aborted ? "interrupted" : played ? "completed" : "error";
    journal.record({ type: "end", at: journal.clock.now(), reason });
    await journal.write(folder.history, headerOf(cell, options, folder, plan, journal.clock.startedAt));
  }
  const ownBlockedMs = delay.max / 1e6;
  delay.disable();
  return measure({ plan, events: journal.events(), said, steps: counters.steps, ownBlockedMs, ...played });
}

interface PlayParts {
  readonly stage: Stage;
  readonly journal: Journal;
  readonly said: Said[];
  readonly logPath: string;
  readonly signal: AbortSignal;
}

/** From the start of the contender's process to its end. */
async function play(cell: CellPlan, options: CellOptions, parts: PlayParts): Promise<Played> {
  const { stage, journal, said, logPath, signal } = parts;
  const { program, recoverMs = RECOVER_MS } = options;
  const calls = new LiveCalls(stage.plan);
  const keys = keysOf(stage.plan);
  /** From then on calls end because the client is closed, which says nothing of it. */
  let closing = false;
  await cell.scenario.prepare?.(stage);
  const contender = startContender({
    orders: ordersOf(cell, stage.plan, keys, journal),
    logPath,
    program,
    onSaid: (one) => {
      said.push(one);
      if (closing) return;
      journal.take(one);
      calls.take(one);
    },
  });
  const isGone = () => contender.exit !== undefined;
  const isWell = () => calls.isWell(journal.clock.now());
  stage.client = { isWell, point: (name, address) => contender.ask(`name ${name} ${address}`) };
  const until = (holds: () => boolean, what: string, timeoutMs: number) =>
    comesTrue(() => isGone() || holds(), what, timeoutMs, signal);
  let ran: Ran = {};
  let recovered = false;
  let scenarioEndedAt: number | undefined;
  try {
    const failure = () => said.find((one) => one.say === "failed");
    await until(() => failure() !== undefined || isWell(), "the contender to be well", CONNECT_MS);
    refuseWhatIsOurs(failure());
    if (!isGone() && failure() === undefined && isWell()) {
      await stage.hold(WARM_MS);
      ran = await cell.scenario.run(stage);
      scenarioEndedAt = journal.clock.now();
      recovered = (await until(isWell, "the contender to be well again", recoverMs)) && !isGone();
    }
    if (failure() === undefined) {
      contender.ask("stop");
      // Until it says so, it may make calls that are not heard of yet.
      const hasStopped = () => said.some(({ say }) => say === "stopped");
      await until(() => hasStopped() && calls.open === 0, "all calls to settle", SETTLE_MS);
    }
    await stage.untilWhole();
    const endAt = journal.clock.now();
    const { exit } = contender;
    closing = true;
    return { ...ran, recovered, scenarioEndedAt, exit, endAt, lists: await readBack(stage, keys) };
  } finally {
    closing = true;
    contender.ask("end");
    await Promise.race([contender.exited, pause(END_MS)]);
    await contender.kill();
  }
}

/** A package that is not installed, or a profile that cannot be read, says nothing of the library. */
function refuseWhatIsOurs(failure: Said | undefined): void {
  if (failure?.say !== "failed" || failure.code === undefined || !Object.hasOwn(ERROR_CODES, failure.code))
    return;
  throw new DrillError(failure.code as ErrorCode, failure.message, { hint: failure.hint });
}

/** Every list as the primary that serves it has it; undefined if one could not be read. */
async function readBack(stage: Stage, keys: readonly string[]): Promise<Lists | undefined> {
  const lists: Record<string, string[]> = {};
  for (const key of keys) {
    const owner = stage.ownerOf(keySlot(key));
    if (owner === undefined) return undefined;
    try {
      lists[key] = ((await stage.context.admins.of(owner).call(["LRANGE", key, 0, -1])) as string[]) ?? [];
    } catch {
      return undefined; // nobody knows what is there: the verdict says so
    }
  }
  return lists;
}

function ordersOf(cell: CellPlan, plan: Plan, keys: readonly string[], { clock }: Journal): Orders {
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

/** The same lists for every contender: so many in each shard, near the end of its slots, which are the first to be moved. */
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
