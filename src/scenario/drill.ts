import type { Random } from "../base/random.ts";
import type { ClientOptions, DrillClient } from "../client/client.ts";
import type { RunningTopology } from "../driver/driver.ts";
import type { Fault } from "../fault/fault.ts";
import type { Recorder } from "../history/recorder.ts";
import type { ClientLibrary } from "../libraries/library.ts";
import { DrillError, type ErrorCode, messageOf } from "../model/errors.ts";
import type { FaultEvent, HistoryEvent } from "../model/event.ts";
import type { FaultSkippedData, WorkloadData } from "../model/observed.ts";
import type { Plan } from "../model/plan.ts";
import type { Observer } from "../observe/observer.ts";
import { nodesWithRole, type TopologyView } from "../observe/view.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import type { Log } from "../workload/log.ts";
import type { Workload, WorkloadContext } from "../workload/workload.ts";
import { type FaultInForce, FaultsInForce } from "./faults-in-force.ts";
import { checkTargets } from "./injectable.ts";
import type { LiveOperations } from "./live-operations.ts";
import { targetsOf } from "./targets.ts";

export interface DrillParts {
  readonly topology: RunningTopology;
  readonly admins: AdminPool;
  readonly observer: Observer;
  readonly recorder: Recorder;
  readonly log: Log;
  readonly operations: LiveOperations;
  readonly library: ClientLibrary;
  readonly client: DrillClient;
  readonly writer: DrillClient;
  readonly clientOptions: ClientOptions;
  readonly waitReplicas: number;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Longest that a client may take to connect to a topology that is ready. */
export const CONNECT_MS = 10_000;

/** How long the healing of an optional fault may be held up by the others that are in force. */
export const PATIENCE_MS = 60_000;
/** Nobody answers to a selector. */
const NOBODY: readonly ErrorCode[] = ["NOT_READY"];
/** A node, or the topology, could not do it at that time. */
const NOT_NOW: readonly ErrorCode[] = ["NOT_READY", "COMMAND_FAILED", "DEADLINE"];

/** A running drill, as the steps see it: what is there, what is broken, what runs beside. */
export class Drill {
  readonly #parts: DrillParts;
  readonly #faults: FaultsInForce;
  readonly #steady = new Map<string, { stop: AbortController; ended: Promise<void> }>();
  #broken: unknown;
  #lastDeclaredDown: { at: number; what: string } | undefined;

  constructor(parts: DrillParts) {
    this.#parts = parts;
    const { topology, admins, observer, random, signal, recorder, log } = parts;
    const record = (event: Omit<FaultEvent, "at">) => recorder.record({ ...event, at: log.now() });
    this.#faults = new FaultsInForce({ topology, admins, observer, random, signal, record });
    parts.recorder.onEvent((event) => {
      const what = declaredDown(event);
      if (what !== undefined) this.#lastDeclaredDown = { at: event.at, what };
    });
  }

  get plan(): Plan {
    return this.#parts.topology.plan;
  }
  get view(): TopologyView {
    return this.#parts.observer.view;
  }
  get admins(): AdminPool {
    return this.#parts.admins;
  }
  get log(): Log {
    return this.#parts.log;
  }
  /** The last time (ns) that Sentinels or a cluster's primaries agreed that a node is down, and what was said. */
  get lastDeclaredDown(): { readonly at: number; readonly what: string } | undefined {
    return this.#lastDeclaredDown;
  }
  get operations(): LiveOperations {
    return this.#parts.operations;
  }
  get signal(): AbortSignal {
    return this.#parts.signal;
  }

  /** Those that are `over` as well: what they have set in motion may still be awaited. */
  faultsInForce(): readonly FaultInForce[] {
    return this.#faults.all;
  }

  /** Looks at every node now: `view` is of after this call, not of before what was just done. */
  look(): Promise<void> {
    return this.#parts.observer.refresh();
  }

  /**
   * Injects the fault on the nodes, or links, that the selectors mean now. Where nobody answers to them it is left out, and
   * told as an observation; an `optional` one also where the topology cannot do it now, since other faults hold it.
   */
  async inject(
    fault: Fault,
    selectors: readonly string[],
    options: unknown,
    optional = false,
  ): Promise<FaultInForce | FaultSkippedData> {
    const { random, log } = this.#parts;
    let begun: FaultInForce | undefined;
    try {
      await this.look();
      const on = { plan: this.plan, view: this.view, random };
      return await this.injectOn(fault, targetsOf(fault, selectors, on), options, (entry) => {
        begun = entry;
      });
    } catch (error) {
      this.signal.throwIfAborted();
      const mayBe = begun === undefined ? NOBODY : optional ? NOT_NOW : [];
      if (!(error instanceof DrillError) || !mayBe.includes(error.code)) throw error;
      if (begun) await this.heal(begun, PATIENCE_MS);
      const target = selectors.join(", ");
      const told = {
        fault: fault.kind,
        target,
        why: messageOf(error),
        begun: begun !== undefined,
        optional,
      };
      log.observe("fault-skipped", told);
      return told;
    }
  }

  /**
   * The same on nodes, or links, by their own names.
   *
   * @param onBegin is given the fault before anything is changed: what fails or is interrupted can be healed
   */
  async injectOn(
    fault: Fault,
    targets: readonly string[],
    options: unknown,
    onBegin?: (entry: FaultInForce) => void,
  ): Promise<FaultInForce> {
    checkTargets(fault, targets, this.plan);
    return this.#faults.inject(fault, targets, options, onBegin);
  }

  /**
   * Heals one fault; one that is healed already is left as it is.
   *
   * @param patienceMs how long it is tried again, where another fault may hold the node
   */
  async heal(entry: FaultInForce, patienceMs = 0): Promise<void> {
    await this.#faults.heal(entry, patienceMs);
  }

  /** Heals every fault of that kind that is in force, the last first, and returns its targets. */
  async healAll(kind: Fault): Promise<string[]> {
    const entries = this.#faults.all.filter(({ fault }) => fault === kind).toReversed();
    for (const entry of entries) await this.heal(entry);
    return entries.flatMap(({ targets }) => targets);
  }

  /** At the end, on every path: what would stay when the nodes are gone is undone. No part of the history. */
  async healWhatOutlives(): Promise<void> {
    await this.#faults.healWhatOutlives();
  }

  workloadContext(signal: AbortSignal): WorkloadContext {
    const { log, client, writer, clientOptions, library, admins, random, waitReplicas } = this.#parts;
    return {
      plan: this.plan,
      log,
      client,
      writer,
      admins,
      random,
      waitReplicas,
      signal,
      connect: (options) => library.connect({ ...clientOptions, ...options }, CONNECT_MS),
      nodesOf: (role) => nodesWithRole(this.view, role, this.plan),
    };
  }

  startWorkload(workload: Workload, options: unknown): void {
    if (this.#steady.has(workload.name))
      throw new DrillError("BAD_SCENARIO", `${workload.name} is already running`);
    const stop = new AbortController();
    const context = this.workloadContext(AbortSignal.any([stop.signal, this.signal]));
    const ended = this.#recorded(workload, context, options).catch((error: unknown) => {
      this.#broken ??= error; // told at the next step's end: a workload that broke proves nothing
    });
    this.#steady.set(workload.name, { stop, ended });
  }

  /** Runs a finite workload to its end. */
  async runWorkload(workload: Workload, options: unknown): Promise<void> {
    await this.#recorded(workload, this.workloadContext(this.signal), options);
  }

  /** One that sent nothing leaves no operation: that it ran at all must be in the history, too. */
  async #recorded(workload: Workload, context: WorkloadContext, options: unknown): Promise<void> {
    const tell = (phase: WorkloadData["phase"]) => {
      const data: WorkloadData = { workload: workload.name, phase, at: this.log.now() };
      this.log.observe("workload", data);
    };
    tell("start");
    try {
      await workload.run(context, options);
    } finally {
      tell("end");
    }
  }

  async stopWorkload(name: string): Promise<void> {
    const running = this.#steady.get(name);
    running?.stop.abort();
    await running?.ended;
    this.#steady.delete(name);
    this.throwIfBroken();
  }

  /** Ends all steady workloads and waits for their last operations. */
  async stopWorkloads(): Promise<void> {
    for (const name of [...this.#steady.keys()]) await this.stopWorkload(name);
  }

  /** A steady workload broke: see `throwIfBroken`. */
  get broken(): boolean {
    return this.#broken !== undefined;
  }

  /** @throws what broke a steady workload, if one did */
  throwIfBroken(): void {
    if (this.#broken) throw this.#broken;
  }
}

/** Sentinel's `+odown`, or a cluster node's FAIL flag: what was said, `undefined` for any other event. */
export function declaredDown(event: HistoryEvent): string | undefined {
  if (event.type !== "topology") return undefined;
  if (event.event === "flag" && event.to === "fail") return `${event.source} holds ${event.subject} failed`;
  return event.detail?.startsWith("+odown ") ? `${event.source}: ${event.detail}` : undefined;
}
