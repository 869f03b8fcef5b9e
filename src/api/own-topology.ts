import { setMaxListeners } from "node:events";
import type { Random } from "../base/random.ts";
import { waitFor } from "../base/wait.ts";
import { nodeDied } from "../driver/driver.ts";
import { runClock } from "../history/clock.ts";
import { DrillError } from "../model/errors.ts";
import type { HistoryEvent } from "../model/event.ts";
import type { NodeStatus } from "../model/status.ts";
import { type Observer, observe } from "../observe/observer.ts";
import {
  CONDITIONS,
  type ConditionName,
  conditionNames,
  type TopologyCondition,
} from "../scenario/conditions.ts";
import { declaredDown } from "../scenario/drill.ts";
import type { Environment } from "../scenario/environment.ts";
import { FaultsInForce } from "../scenario/faults-in-force.ts";
import type { FaultKind, Injection } from "../scenario/input.ts";
import { nodeStatuses } from "../scenario/status.ts";
import { type InjectedFault, Injections } from "./injections.ts";
import type { Topology } from "./topology.ts";
import { nodesOf, topologyEnv } from "./topology-env.ts";

const UNTIL_MS = 30_000;

/** The topology of a program: an environment that is watched, and the faults in force in it. */
export class OwnTopology implements Topology {
  readonly #environment: Environment;
  readonly #observer: Observer;
  readonly #injections: Injections;
  readonly #stopping: AbortController;
  readonly #now: () => number;
  readonly #onStop: (() => unknown)[] = [];
  #stopped: Promise<void> | undefined;
  #died: DrillError | undefined;
  #lastDeclaredDown: { readonly at: number; readonly what: string } | undefined;

  /** Begins to look at it. On failure it is closed. */
  static async watch(environment: Environment, random: Random): Promise<OwnTopology> {
    const { topology, admins } = environment;
    const { now } = runClock();
    const listener: { take?: (event: HistoryEvent) => void } = {};
    const record = (event: HistoryEvent) => listener.take?.(event);
    try {
      const observer = await observe({ plan: topology.plan, admins, record, now });
      const own = new OwnTopology(environment, observer, random, now);
      listener.take = (event) => own.#take(event);
      return own;
    } catch (error) {
      await environment.close();
      throw error;
    }
  }

  private constructor(environment: Environment, observer: Observer, random: Random, now: () => number) {
    const { topology, admins } = environment;
    this.#environment = environment;
    this.#observer = observer;
    this.#now = now;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    setMaxListeners(0, signal);
    const faults = new FaultsInForce({ topology, admins, observer, random, signal, record: () => {} });
    this.#injections = new Injections({ topology, observer, random, signal, faults, now });
    const unwatch = topology.onUnexpectedExit((exit) => {
      this.#died ??= nodeDied(exit);
    });
    this.onStop(unwatch);
  }

  get kind() {
    return this.#environment.topology.plan.kind;
  }
  get nodes() {
    return nodesOf(this.#environment.topology.plan);
  }
  get sentinels() {
    return this.nodes.filter(({ role }) => role === "sentinel").map(({ host, port }) => ({ host, port }));
  }
  get sentinelGroup() {
    return this.#environment.topology.plan.sentinelGroup;
  }

  env(): Record<string, string> {
    return topologyEnv(this.#environment.topology.plan);
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
    const condition = conditionNamed(name);
    const own = this;
    const look = condition.begin({
      plan: this.#environment.topology.plan,
      view: this.#observer.view,
      log: { now: () => this.#injections.lastAt }, // what has come about since the last fault counts
      faultsInForce: () => this.#injections.inForce,
      get lastDeclaredDown() {
        return own.#lastDeclaredDown;
      },
    });
    await this.#observer.refresh(); // what held before the last fault holds no longer
    const wait = { what: condition.title, timeoutMs, signal: this.#stopping.signal };
    return waitFor(() => {
      if (this.#died) throw this.#died;
      return look();
    }, wait);
  }

  async status(): Promise<NodeStatus[]> {
    this.#throwIfOver();
    const { topology } = this.#environment;
    const states = topology.plan.nodes.map(async ({ name }) => ({ name, state: await topology.state(name) }));
    return nodeStatuses(topology.plan, await Promise.all(states));
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
    const closing = [
      () => this.#injections.end(),
      () => this.#observer.stop(),
      () => this.#environment.close(),
      ...this.#onStop,
    ];
    this.#stopping.abort(new DrillError("INTERRUPTED", "the topology was stopped"));
    const failures: unknown[] = [];
    for (const close of closing) {
      try {
        await close();
      } catch (error) {
        failures.push(error); // the rest is given back all the same
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #take(event: HistoryEvent): void {
    const what = declaredDown(event);
    if (what !== undefined) this.#lastDeclaredDown = { at: this.#now(), what };
  }

  #throwIfOver(): void {
    if (this.#stopped) throw new DrillError("BAD_USAGE", "the topology was stopped");
    if (this.#died) throw this.#died;
  }
}

function conditionNamed(name: string) {
  const condition = Object.hasOwn(CONDITIONS, name) ? CONDITIONS[name as ConditionName] : undefined;
  if (condition && !("needsWorkload" in condition)) return condition;
  const names = conditionNames.filter((one) => !("needsWorkload" in CONDITIONS[one]));
  const why = condition ? "looks at the operations of a drill's workload" : "is no condition";
  throw new DrillError("BAD_USAGE", `"${name}" ${why}`, {
    hint: `Conditions: ${names.join(", ")}. Whether your application works again, ask it.`,
  });
}
