/*
 *   topology ─▶ session, counters ─▶ app client's process ─▶ scenario ─▶ well again? settled? ─▶ read back ─▶ measure
 *                                         └── calls ──────────┴── faults ──▶ history.jsonl     bakeoff.json
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { seededRandom } from "../base/random.ts";
import { keyInRanges, keySlot } from "../base/slots.ts";
import { pause } from "../base/wait.ts";
import { awaitFindable } from "../driver/ready.ts";
import { readHistory } from "../history/reader.ts";
import { createRun, type RunFolder } from "../history/run-store.ts";
import { sortedRecorder } from "../history/sorted-recorder.ts";
import { LIBRARIES } from "../libraries/registry.ts";
import { clientAccessOf } from "../model/access.ts";
import type { BakeoffRun } from "../model/bakeoff.ts";
import { DrillError, ERROR_CODES, type ErrorCode, messageOf } from "../model/errors.ts";
import type { Plan, SlotRange } from "../model/plan.ts";
import { targetOf } from "../session/client-target.ts";
import { type Environment, startEnvironment } from "../session/environment.ts";
import { inSession, type Session } from "../session/session.ts";
import { withTls } from "../topology/security-spec.ts";
import type { TopologySpec } from "../topology/spec.ts";
import { type AppClientExit, startAppClient } from "./app-client-process.ts";
import { brokenRun, isForUser } from "./broken-run.ts";
import { LiveCalls } from "./calls.ts";
import { CellContext, comesTrue } from "./cell-context.ts";
import type { CellOptions, CellPlan } from "./cell-plan.ts";
import { cellSpec } from "./cell-spec.ts";
import type { Orders, Said } from "./child/messages.ts";
import { measure } from "./measure/measure.ts";
import type { Lists, Measured } from "./measure/run-record.ts";
import { eventOf } from "./said-events.ts";
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
 * Runs one app client through one scenario, on a topology of its own, in a new run folder. Whatever happens, everything
 * it started is stopped, and what was recorded is on disk. A run that broke has no verdict, and says why.
 *
 * @throws DrillError if the environment could not be brought up; what a user can mend; `INTERRUPTED`
 */
export async function runCell(cell: CellPlan, options: CellOptions): Promise<BakeoffRun> {
  const began = performance.now();
  const { scenario, kind, library, profile } = cell;
  const name = `bakeoff-${kind}-${scenario.name}-${library}-${profile.name}`;
  const folder = await createRun(options.outDir, name);
  const { configFiles, tls } = options;
  const configured = await cellSpec(scenario, kind, configFiles);
  const spec = tls ? withTls(configured) : configured;
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
    let failure: unknown;
    const played = perform(cell, options, spec, folder, environment);
    const { verdict, reasons, notes, ...measures } = await played.catch((error: unknown) => {
      failure = error;
      return brokenRun(messageOf(error));
    });
    const { run, seed, replay } = options;
    const tookMs = Math.round(performance.now() - began);
    const about = { run, seed, folder: folder.dir, replay, tookMs };
    const whole: BakeoffRun = { verdict, reasons, notes, ...about, ...measures };
    await writeFile(join(folder.dir, "bakeoff.json"), `${JSON.stringify(whole, null, 2)}\n`);
    if (failure !== undefined) options.signal.throwIfAborted();
    if (isForUser(failure)) throw failure;
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

/** @throws what broke it */
async function perform(
  cell: CellPlan,
  options: CellOptions,
  spec: TopologySpec,
  folder: RunFolder,
  environment: Environment,
): Promise<Measured> {
  const { plan } = environment.topology;
  const { scenario, kind, library, profile, version } = cell;
  const { seed, driver, valkey, replay, signal } = options;
  await awaitFindable(plan, environment.admins, { timeoutMs: FINDABLE_MS, signal });
  const said: Said[] = [];
  const delay = monitorEventLoopDelay();
  delay.enable();
  const header = {
    runId: folder.id,
    scenario: `bakeoff-${kind}-${scenario.name}`,
    seed,
    spec,
    driver: driver.name,
    valkey,
    client: { name: `${library}, ${profile.name}`, version },
    expect: {},
    replay,
  };
  const { done, failure } = await inSession(
    environment,
    {
      openSink: (onFailure) => sortedRecorder(folder.history, onFailure),
      header,
      random: seededRandom(seed).fork("cell"),
      signal,
      whenBroken: "ends",
      readsLogs: false,
    },
    async (session) => {
      const counters = await countAtServers(plan, session.admins, session.clock.now);
      let played: Played | undefined;
      try {
        played = await play(cell, options, session, said, join(folder.dir, "client.log"));
        return { ...played, steps: counters.steps };
      } finally {
        await counters.stop();
        session.log.observe("bakeoff-lists", played?.lists ?? null);
        session.log.observe("bakeoff-servers", counters.steps);
        session.log.observe("bakeoff-client", said.filter(isOfProcess));
      }
    },
  );
  const ownBlockedMs = delay.max / 1e6;
  delay.disable();
  if (done === undefined || failure !== undefined) throw failure;
  const { events } = await readHistory(folder.history);
  return measure({ plan, events, said, ownBlockedMs, ...done });
}

/** From the start of the app client's process to its end. */
async function play(
  cell: CellPlan,
  { program, recoverMs = RECOVER_MS }: CellOptions,
  session: Session,
  said: Said[],
  logPath: string,
): Promise<Played> {
  const { plan, signal } = session;
  const errors = LIBRARIES.get(cell.library)?.errors ?? [];
  const calls = new LiveCalls(plan);
  const keys = keysOf(plan);
  /** From then on calls end because the client is closed, which says nothing of it. */
  let closing = false;
  const appClient = startAppClient({
    orders: ordersOf(cell, plan, keys, session),
    logPath,
    program,
    onSaid: (one) => {
      said.push(one);
      if (closing) return;
      const event = eventOf(one, errors);
      if (!event) return;
      session.recorder.record(event);
      calls.take(event);
    },
  });
  const isGone = () => appClient.exit !== undefined;
  const isWell = () => calls.isWell(session.now());
  const point = (name: string, address: string) => appClient.ask(`name ${name} ${address}`);
  const context = new CellContext(session, { isWell, point });
  const until = (holds: () => boolean, what: string, timeoutMs: number) =>
    comesTrue(() => (isGone() || holds() ? undefined : "not yet"), what, timeoutMs, signal);
  let ran: Ran = {};
  let recovered = false;
  let scenarioEndedAt: number | undefined;
  try {
    const failure = () => said.find((one) => one.say === "failed");
    await until(() => failure() !== undefined || isWell(), "the app client to be well", CONNECT_MS);
    refuseWhatIsOurs(failure());
    if (!isGone() && failure() === undefined && isWell()) {
      await context.hold(WARM_MS);
      ran = await cell.scenario.run(context);
      scenarioEndedAt = session.now();
      recovered = (await until(isWell, "the app client to be well again", recoverMs)) && !isGone();
    }
    if (failure() === undefined) {
      appClient.ask("stop");
      // Until it says so, it may make calls that are not heard of yet.
      const hasStopped = () => said.some(({ say }) => say === "stopped");
      await until(() => hasStopped() && calls.open === 0, "all calls to settle", SETTLE_MS);
    }
    await context.untilWhole();
    const endAt = session.now();
    const { exit } = appClient;
    closing = true;
    return { ...ran, recovered, scenarioEndedAt, exit, endAt, lists: await readBack(context, keys) };
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
async function readBack(context: CellContext, keys: readonly string[]): Promise<Lists | undefined> {
  const lists: Record<string, string[]> = {};
  for (const key of keys) {
    const owner = context.ownerOf(keySlot(key));
    if (owner === undefined) return undefined;
    try {
      lists[key] = ((await context.session.admins.of(owner).call(["LRANGE", key, 0, -1])) as string[]) ?? [];
    } catch {
      return undefined; // nobody knows what is there: the verdict says so
    }
  }
  return lists;
}

function ordersOf(cell: CellPlan, plan: Plan, keys: readonly string[], session: Session): Orders {
  const { library, module, profile, features, scenario } = cell;
  return {
    library,
    module,
    profile,
    features,
    target: { ...(scenario.target?.(plan) ?? targetOf(plan)), access: clientAccessOf(plan) },
    names: scenario.names?.(plan),
    clockOrigin: String(process.hrtime.bigint() - BigInt(session.now())),
    rates: { keys, writesPerSecond: WRITES_PER_SECOND, readsPerSecond: READS_PER_SECOND },
  };
}

/**
 * The same lists for every app client: so many in each shard, near the end of its slots, which are the first to be
 * moved.
 */
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
