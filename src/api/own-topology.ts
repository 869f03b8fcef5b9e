import { nodesOf, topologyEnv } from "../app/env/topology-env.ts";
import type { Random } from "../base/random.ts";
import { unwrittenRecorder } from "../history/sorted-recorder.ts";
import { DrillError } from "../model/errors.ts";
import type { NodeStatus } from "../model/status.ts";
import type { TopologyCondition } from "../scenario/conditions.ts";
import type { FaultKind, Injection } from "../scenario/input.ts";
import { firstFailure } from "../session/closing.ts";
import type { Environment } from "../session/environment.ts";
import { Session } from "../session/session.ts";
import { type InjectedFault, Injections } from "./injections.ts";
import type { Topology } from "./topology.ts";
import { topologyStatus } from "./topology-status.ts";
import { untilCondition } from "./until-condition.ts";

const UNTIL_MS = 30_000;

/** The topology of a program: an environment that is watched, and the faults in force in it. */
export class OwnTopology implements Topology {
  readonly #environment: Environment;
  readonly #session: Session;
  readonly #injections: Injections;
  readonly #stopping: AbortController;
  readonly #onStop: (() => unknown)[] = [];
  #stopped: Promise<void> | undefined;

  /** Begins to look at it. On failure it is closed. */
  static async watch(environment: Environment, random: Random): Promise<OwnTopology> {
    const stopping = new AbortController();
    const { signal } = stopping;
    try {
      const session = await Session.open(environment, {
        openSink: unwrittenRecorder,
        random,
        signal,
        whenBroken: "goes-on", // it is told at the next call
        readsLogs: false,
      });
      return new OwnTopology(environment, session, stopping);
    } catch (error) {
      await environment.close();
      throw error;
    }
  }

  private constructor(environment: Environment, session: Session, stopping: AbortController) {
    this.#environment = environment;
    this.#session = session;
    this.#stopping = stopping;
    this.#injections = new Injections(session);
  }

  get kind() {
    return this.#session.plan.kind;
  }
  get nodes() {
    return nodesOf(this.#session.plan);
  }
  get sentinels() {
    return this.nodes.filter(({ role }) => role === "sentinel").map(({ host, port }) => ({ host, port }));
  }
  get sentinelGroup() {
    return this.#session.plan.sentinelGroup;
  }

  env(): Record<string, string> {
    return topologyEnv(this.#session.plan);
  }

  async inject(injection: Injection): Promise<InjectedFault> {
    this.#throwIfOver();
    return this.#injections.inject(injection);
  }

  async heal(kind?: FaultKind): Promise<string[]> {
    this.#throwIfOver();
    return this.#injections.heal(kind);
  }

  async until(
    name: TopologyCondition,
    { timeoutMs = UNTIL_MS }: { timeoutMs?: number } = {},
  ): Promise<string> {
    this.#throwIfOver();
    return untilCondition(this.#session, name, this.#injections.lastAt, timeoutMs);
  }

  async status(): Promise<NodeStatus[]> {
    this.#throwIfOver();
    return topologyStatus(this.#session.topology);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Done once it has stopped, the last first. */
  onStop(work: () => unknown): void {
    this.#onStop.unshift(work);
  }

  async #end(): Promise<void> {
    this.#stopping.abort(new DrillError("INTERRUPTED", "the topology was stopped"));
    const failure = await this.#session.close();
    const left = await firstFailure([() => this.#environment.close(), ...this.#onStop]);
    if (failure !== undefined || left !== undefined) throw failure ?? left;
  }

  #throwIfOver(): void {
    if (this.#stopped) throw new DrillError("BAD_USAGE", "the topology was stopped");
    if (this.#session.broken) throw this.#session.broken;
  }
}
