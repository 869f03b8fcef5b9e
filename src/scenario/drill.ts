import type { Random } from "../base/random.ts";
import type { ClientLibrary, ClientOptions, DrillClient } from "../client/client.ts";
import type { RunningTopology } from "../driver/driver.ts";
import type { Fault } from "../fault/fault.ts";
import type { Recorder } from "../history/recorder.ts";
import { DrillError } from "../model/errors.ts";
import type { FaultEvent } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import type { Observer } from "../observe/observer.ts";
import { nodesWithRole, shardOf, type TopologyView } from "../observe/view.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import type { Log } from "../workload/log.ts";
import type { Workload, WorkloadContext } from "../workload/workload.ts";
import type { LiveOperations } from "./live-operations.ts";
import { select } from "./selectors.ts";

/** A fault that was injected and not yet healed. */
export interface FaultInForce {
  readonly id: number;
  readonly fault: Fault;
  readonly targets: readonly string[];
  /** The targets that were primaries when it was injected. */
  readonly primaries: readonly string[];
}

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

/** A running drill, as the steps see it: what is there, what is broken, what runs beside. */
export class Drill {
  readonly #parts: DrillParts;
  readonly #inForce: FaultInForce[] = [];
  readonly #steady = new Map<string, { stop: AbortController; ended: Promise<void> }>();
  #faults = 0;
  #broken: unknown;

  constructor(parts: DrillParts) {
    this.#parts = parts;
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
  get operations(): LiveOperations {
    return this.#parts.operations;
  }
  get signal(): AbortSignal {
    return this.#parts.signal;
  }

  faultsInForce(): readonly FaultInForce[] {
    return this.#inForce;
  }

  /** Injects the fault on the nodes that the selectors mean now, and returns their names. */
  async inject(fault: Fault, selectors: readonly string[]): Promise<string[]> {
    const { topology, admins, observer, random } = this.#parts;
    await observer.refresh();
    const targets = [...new Set(selectors.flatMap((text) => select(text, this.plan, this.view, random)))];
    const primaries = targets.filter((name) => nodesWithRole(this.view, "primary", this.plan).includes(name));
    this.#faults += 1;
    const id = this.#faults;
    this.#inForce.push({ id, fault, targets, primaries });
    this.#recordFault("inject", id, fault, targets, primaries);
    await fault.inject({ topology, admins }, targets);
    this.#recordFault("injected", id, fault, targets, primaries);
    return targets;
  }

  /** Heals every fault of that kind that is in force, and returns the nodes. */
  async heal(kind: Fault): Promise<string[]> {
    const { topology, admins } = this.#parts;
    const healed: string[] = [];
    for (const entry of [...this.#inForce]) {
      if (entry.fault !== kind) continue;
      const { id, fault, targets, primaries } = entry;
      this.#recordFault("heal", id, fault, targets, primaries);
      await fault.heal({ topology, admins }, targets);
      this.#recordFault("healed", id, fault, targets, primaries);
      this.#inForce.splice(this.#inForce.indexOf(entry), 1);
      healed.push(...targets);
    }
    return healed;
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
    const ended = workload.run(context, options).catch((error: unknown) => {
      this.#broken ??= error; // told at the next step's end: a workload that broke proves nothing
    });
    this.#steady.set(workload.name, { stop, ended });
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

  /** @throws what broke a steady workload, if one did */
  throwIfBroken(): void {
    if (this.#broken) throw this.#broken;
  }

  #recordFault(
    phase: FaultEvent["phase"],
    id: number,
    fault: Fault,
    targets: readonly string[],
    primaries: readonly string[],
  ): void {
    const shards = primaries
      .map((name) => shardOf(this.view, this.plan, name))
      .filter((shard) => shard !== undefined);
    const { recorder, log } = this.#parts;
    recorder.record({
      type: "fault",
      at: log.now(),
      phase,
      id,
      fault: fault.kind,
      targets,
      primaries,
      shards,
    });
  }
}
