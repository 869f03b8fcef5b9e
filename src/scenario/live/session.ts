/*
 *   page ──order──▶ session ──▶ drill ──▶ faults, workloads
 *                      │          └─ events ─▶ history.jsonl ─▶ page
 *                      └─ actions ─▶ steps of a scenario       └─▶ export: the folder of a run
 */

import { faultNamed } from "../../fault/registry.ts";
import { clientFor, usableClients } from "../../libraries/registry.ts";
import { DrillError, messageOf } from "../../model/errors.ts";
import type { LiveSetup, LiveStatus } from "../../model/live.ts";
import type { Plan } from "../../model/plan.ts";
import type { FaultInForce } from "../faults-in-force.ts";
import { checkCapabilities, checkTargets, fittingOptions } from "../injectable.ts";
import type { Scenario, Step } from "../schema.ts";
import { STEPS } from "../steps/registry.ts";
import { workloadMisfits, workloadNamed } from "../steps/use-workload.ts";
import { writtenScenario } from "../written.ts";
import { exportRun } from "./export.ts";
import { faultForms, workloadForms } from "./forms.ts";
import { lookUp } from "./look-up.ts";
import { checkNames } from "./names.ts";
import { type RecordedAction, selectorsOf, stepsOf } from "./recorded-actions.ts";
import { type LiveRecording, type LiveSessionOptions, liveScenario, openLiveRecording } from "./recording.ts";
import { liveNodes, liveSource } from "./source.ts";

type Options = Readonly<Record<string, unknown>>;

/** For the end of an exported drill: what had recovered when it was exported must recover again. */
const RECOVERED: Step = { action: "await", value: { condition: "recovered", within: 30_000 } };
const STABLE_NS = 1e9;

/** An environment that somebody plays with: each order is recorded, and can be told as a scenario. */
export class LiveSession {
  readonly #options: LiveSessionOptions;
  readonly #recording: LiveRecording;
  readonly #recordedActions: RecordedAction[] = [];
  readonly #busy = new Map<number, string>();
  readonly #underWay = new Set<FaultInForce>();
  readonly #unwatch: () => void;
  #steps = 0;
  #workload: { name: string; options: Options } | undefined;
  #exporting = false;
  /** Why the session proves nothing any more. */
  #died: string | undefined;
  #broken: unknown;
  readonly setup: LiveSetup;

  private constructor(options: LiveSessionOptions, recording: LiveRecording) {
    this.#options = options;
    this.#recording = recording;
    const { topology } = options.environment;
    this.setup = {
      id: topology.id,
      title: `live session ${topology.id}`,
      mode: "play",
      kind: topology.plan.kind,
      driver: options.driver,
      valkey: options.valkey,
      startedAt: recording.clock.startedAt,
      nodes: liveNodes(topology.plan),
      shards: topology.plan.shards,
      faults: faultForms(topology, topology.plan.kind),
      workloads: workloadForms(topology.plan.kind),
      clients: usableClients(topology.plan.kind),
    };
    this.#unwatch = topology.onUnexpectedExit(({ node, signal, code }) => {
      const text = `died by itself (${signal ?? `exit code ${code}`})`;
      this.#died ??= `${node} ${text}`;
      recording.log.observe("node-died", { node, text });
    });
  }

  /** @throws DrillError if the history cannot be written, or the client does not connect */
  static async open(options: LiveSessionOptions): Promise<LiveSession> {
    return new LiveSession(options, await openLiveRecording(options));
  }

  /** What a live page is fed from. */
  get source() {
    const { clock, onEvent, observer } = this.#recording;
    const watched = { plan: this.#plan, now: clock.now, onEvent, view: () => observer.view };
    return liveSource(watched, this.setup, () => this.#status());
  }

  /** The fault is put in force on just these nodes, or links, by their names. */
  async inject(given: {
    readonly fault: string;
    readonly targets: readonly string[];
    readonly options: Options;
  }): Promise<{ targets: readonly string[] }> {
    const { drill, observer } = this.#recording;
    const fault = faultNamed(given.fault);
    const options = fittingOptions(fault, given.options, this.#plan.kind);
    checkCapabilities(fault, this.#options.environment.topology, "environment");
    const targets = [...new Set(given.targets)];
    checkNames(fault, targets, this.#plan);
    checkTargets(fault, targets, this.#plan);
    await observer.refresh();
    const selectors = selectorsOf(fault, targets, this.#plan, drill.view);
    const value = { fault: fault.kind, targets: selectors, forMs: undefined, options };
    await this.#perform({ action: "inject", value }, async () => {
      let begun: FaultInForce | undefined;
      const onBegin = (entry: FaultInForce) => {
        begun = entry;
        this.#underWay.add(entry);
      };
      try {
        await drill.injectOn(fault, targets, options, onBegin);
      } catch (error) {
        if (begun) await drill.heal(begun); // what failed half-way must not stay as if it were in force
        throw error;
      } finally {
        if (begun) this.#underWay.delete(begun);
      }
    });
    return { targets };
  }

  /** Undoes one fault, or all, the last first. One that is being injected or healed already is left alone. */
  async heal({ id }: { readonly id?: number | undefined }): Promise<{ healed: string[] }> {
    const { drill } = this.#recording;
    const meant = drill
      .faultsInForce()
      .filter(
        (entry) => !entry.selfHealed && (id === undefined || entry.id === id) && !this.#underWay.has(entry),
      )
      .toReversed();
    const healed: string[] = [];
    for (const entry of meant) {
      this.#underWay.add(entry);
      try {
        await this.#perform({ action: "heal", value: entry.fault.kind }, () => drill.heal(entry));
        healed.push(entry.fault.label(entry.targets, entry.options));
      } finally {
        this.#underWay.delete(entry);
      }
    }
    return { healed };
  }

  /** Starts a workload in place of the one that runs, or the same one with other options. */
  async start(given: {
    readonly workload: string;
    readonly client: string;
    readonly options: Options;
  }): Promise<Record<string, never>> {
    const [misfit] = workloadMisfits(given.workload, "steady", this.#plan.kind);
    if (misfit) throw new DrillError("BAD_USAGE", misfit.message);
    const workload = workloadNamed(given.workload);
    const library = clientFor(given.client, this.#plan.kind);
    const parsed = workload.options.safeParse(given.options);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(({ path, message }) => [...path, message].join(": "));
      throw new DrillError("BAD_USAGE", `${workload.name}: ${problems.join("; ")}`);
    }
    await this.stop();
    if (library !== this.#recording.library()) await this.#recording.useLibrary(library);
    const options = parsed.data as Options;
    await this.#perform({ action: "start", value: { name: workload.name, options } }, async () => {
      this.#recording.drill.startWorkload(workload, options);
      this.#workload = { name: workload.name, options };
    });
    return {};
  }

  async stop(): Promise<Record<string, never>> {
    const running = this.#workload;
    if (running === undefined) return {};
    this.#workload = undefined;
    await this.#perform({ action: "stop", value: running.name }, () => this.#stopWorkload(running.name));
    return {};
  }

  look({ key }: { readonly key: string }) {
    return lookUp(this.#plan, this.#recording.observer.view, key);
  }

  /** The session so far as the folder of a run; see `exportRun`. The workload pauses meanwhile. */
  async exportRun() {
    if (this.#exporting) throw new DrillError("BAD_USAGE", "an export is under way already");
    this.#exporting = true;
    const running = this.#workload;
    const { drill } = this.#recording;
    try {
      const scenario = this.#scenario();
      if (running) await this.#stopWorkload(running.name);
      const { recording, options } = { recording: this.#recording, options: this.#options };
      return await exportRun({
        ...options,
        recording,
        scenario,
        comments: this.#comments(),
        broken: this.#died,
      });
    } finally {
      this.#exporting = false;
      if (running && this.#workload === running)
        drill.startWorkload(workloadNamed(running.name), running.options);
    }
  }

  /** What was done so far as a scenario file. */
  exportScenario(): { name: string; yaml: string } {
    const scenario = this.#scenario();
    return { name: scenario.name, yaml: writtenScenario(scenario, this.#comments()) };
  }

  /** Ends the workload, undoes what would outlive the nodes, and closes the history. The nodes are left as they are. */
  async close(): Promise<void> {
    this.#unwatch();
    await this.#recording.close();
  }

  /** A workload that broke is told once, and ends; the session goes on, and proves nothing any more. */
  async #stopWorkload(name: string): Promise<void> {
    await this.#recording.drill.stopWorkload(name).catch((error: unknown) => {
      if (error === this.#broken) return;
      this.#broken = error;
      const text = `${name} broke: ${messageOf(error)}`;
      this.#died ??= text;
      this.#recording.log.observe("node-died", { node: "client", text });
    });
  }

  /** Has a workload broken since this was asked last? */
  #lookAfterWorkload(): void {
    const running = this.#workload;
    if (running === undefined || !this.#recording.drill.broken || this.#broken !== undefined) return;
    this.#workload = undefined;
    void this.#stopWorkload(running.name);
  }

  get #plan(): Plan {
    return this.#options.environment.topology.plan;
  }

  #scenario(): Scenario {
    const { operations, clock, library } = this.#recording;
    const steps = stepsOf(this.#recordedActions, clock.now() / 1e6);
    const well = operations.unwell(0, STABLE_NS, clock.now()) === undefined;
    if (this.#workload?.name === "unique-writes" && well) steps.push(RECOVERED);
    const written = steps.map(({ action, value }) => ({
      [action]: STEPS.get(action)?.written?.(value) ?? value,
    }));
    return liveScenario({ spec: this.#options.spec, library: library() }, written);
  }

  #comments(): string[] {
    const heals = this.#recordedActions.some(({ step }) => step.action === "heal");
    return [
      `What was done by hand in ${this.setup.id}, ${this.setup.startedAt}; Valkey ${this.setup.valkey}, driver ${this.setup.driver}.`,
      "Primaries are named by their role; replicas and Sentinels by their names, which may play other roles in another run.",
      ...(heals ? ["A heal undoes every fault of its kind that is in force."] : []),
    ];
  }

  #status(): LiveStatus {
    this.#lookAfterWorkload();
    return {
      workload: this.#workload ?? null,
      client: this.#recording.library().name,
      busy: [...this.#busy.values(), ...(this.#exporting ? ["export the run"] : [])],
      steps: [],
      ended: null,
    };
  }

  /** Does a step, records it as one, and remembers it as a recorded action. What fails is recorded, and is no recorded action. */
  async #perform(step: Step, work: () => Promise<unknown>): Promise<void> {
    if (this.#exporting) throw new DrillError("BAD_USAGE", "an export is under way: wait for its end");
    const { clock, recorder } = this.#recording;
    const name = STEPS.get(step.action)?.title(step.value) ?? step.action;
    const index = this.#steps;
    this.#steps += 1;
    const beganMs = clock.now() / 1e6;
    this.#busy.set(index, name);
    recorder.record({ type: "step", at: clock.now(), index, name, status: "begin" });
    try {
      await work();
      recorder.record({ type: "step", at: clock.now(), index, name, status: "done" });
      this.#recordedActions.push({ step, beganMs, doneMs: clock.now() / 1e6 });
    } catch (error) {
      const detail = messageOf(error);
      recorder.record({ type: "step", at: clock.now(), index, name, status: "error", detail });
      throw error;
    } finally {
      this.#busy.delete(index);
    }
  }
}
