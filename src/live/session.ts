/*
 *   page ──order──▶ live session ──▶ session: faults, workloads
 *                      │          └─ events ─▶ history.jsonl ─▶ page
 *                      └─ actions ─▶ steps of a scenario       └─▶ export: the folder of a run
 */

import { faultNamed } from "../fault/registry.ts";
import { clientFor, usableClients } from "../libraries/registry.ts";
import { requireAvailable } from "../model/availability.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import type { LiveSetup, LiveStatus } from "../model/live.ts";
import type { Plan } from "../model/plan.ts";
import { checkCapabilities, checkTargets, fittingOptions } from "../scenario/injectable.ts";
import type { Scenario, Step } from "../scenario/schema.ts";
import { titleOf } from "../scenario/steps/registry.ts";
import { workloadMisfits, workloadNamed } from "../scenario/steps/use-workload.ts";
import { writtenScenario, writtenSteps } from "../scenario/written.ts";
import type { ActiveFault } from "../session/active-faults.ts";
import type { Ending } from "../session/session.ts";
import { isProbe } from "../workload/workload.ts";
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
const ENDED: Ending = { reason: "interrupted", detail: "the session was ended" };

/** An environment that somebody plays with: each order is recorded, and can be told as a scenario. */
export class LiveSession {
  readonly #options: LiveSessionOptions;
  readonly #recording: LiveRecording;
  readonly #recordedActions: RecordedAction[] = [];
  readonly #busy = new Map<number, string>();
  readonly #underWay = new Set<ActiveFault>();
  #steps = 0;
  #workload: { name: string; options: Options } | undefined;
  #export: Promise<unknown> | undefined;
  /** What broke a workload. */
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
      startedAt: recording.session.clock.startedAt,
      nodes: liveNodes(topology.plan),
      shards: topology.plan.shards,
      faults: faultForms(topology, topology.plan.kind),
      workloads: workloadForms(topology.plan.kind),
      clients: usableClients(topology.plan.kind),
    };
  }

  /** @throws DrillError if the history cannot be written, or the client does not connect */
  static async open(options: LiveSessionOptions): Promise<LiveSession> {
    return new LiveSession(options, await openLiveRecording(options));
  }

  /** What a live page is fed from. */
  get source() {
    const { session, onEvent } = this.#recording;
    return liveSource({ ...session.recording, onEvent }, this.setup, () => this.#status());
  }

  /** The fault is put in force on just these nodes, or links, by their names. */
  async inject(given: {
    readonly fault: string;
    readonly targets: readonly string[];
    readonly options: Options;
  }): Promise<{ targets: readonly string[] }> {
    const { session } = this.#recording;
    const fault = faultNamed(given.fault);
    const options = fittingOptions(fault, given.options, this.#plan.kind);
    checkCapabilities(fault, session.topology, "environment");
    const targets = [...new Set(given.targets)];
    checkNames(fault, targets, this.#plan);
    checkTargets(fault, targets, this.#plan);
    await session.look();
    const selectors = selectorsOf(fault, targets, this.#plan, session.view);
    const value = { fault: fault.kind, targets: selectors, forMs: undefined, options };
    await this.#perform({ action: "inject", value }, async () => {
      let begun: ActiveFault | undefined;
      const onBegin = (entry: ActiveFault) => {
        begun = entry;
        this.#underWay.add(entry);
      };
      try {
        await session.faults.inject(fault, targets, options, onBegin);
      } catch (error) {
        if (begun) await session.faults.heal(begun); // what failed half-way must not stay as if it were in force
        throw error;
      } finally {
        if (begun) this.#underWay.delete(begun);
      }
    });
    return { targets };
  }

  /** Undoes one fault, or all, the last first. One that is being injected or healed already is left alone. */
  async heal({ id }: { readonly id?: number | undefined }): Promise<{ healed: string[] }> {
    const { faults } = this.#recording.session;
    const meant = faults.all
      .filter(
        (entry) => !entry.selfHealed && (id === undefined || entry.id === id) && !this.#underWay.has(entry),
      )
      .toReversed();
    const healed: string[] = [];
    for (const entry of meant) {
      this.#underWay.add(entry);
      try {
        await this.#perform({ action: "heal", value: entry.fault.kind }, () => faults.heal(entry));
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
    const [misfit] = workloadMisfits({ name: given.workload }, "steady", this.#plan.kind);
    if (misfit) throw new DrillError("BAD_USAGE", misfit.message);
    const workload = workloadNamed(given.workload);
    const library = clientFor(given.client, this.#plan.kind);
    const parsed = workload.options.safeParse(given.options);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(({ path, message }) => [...path, message].join(": "));
      throw new DrillError("BAD_USAGE", `${workload.name}: ${problems.join("; ")}`);
    }
    requireAvailable(workload.name, workload, {
      topology: this.#plan.kind,
      options: parsed.data,
      client: library,
    });
    await this.stop();
    const { workloads } = this.#recording;
    if (library !== workloads.library) await workloads.use(library);
    const options = parsed.data as Options;
    await this.#perform({ action: "start", value: { name: workload.name, options } }, async () => {
      workloads.start(workload, options);
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
    return lookUp(this.#plan, this.#recording.session.view, key);
  }

  /** The session so far as the folder of a run; see `exportRun`. The workload pauses meanwhile. */
  async exportRun() {
    if (this.#export) throw new DrillError("BAD_USAGE", "an export is under way already");
    const exported = this.#exported();
    this.#export = exported;
    return exported.finally(() => {
      this.#export = undefined;
    });
  }

  async #exported() {
    const running = this.#workload;
    const { workloads } = this.#recording;
    try {
      const scenario = this.#scenario();
      if (running) await this.#stopWorkload(running.name);
      return await exportRun(this.#recording, {
        scenario,
        comments: this.#comments(),
        outDir: this.#options.outDir,
        broken: this.#recording.session.broken ?? this.#broken,
      });
    } finally {
      if (running && this.#workload === running)
        workloads.start(workloadNamed(running.name), running.options);
    }
  }

  /** What was done so far as a scenario file. */
  exportScenario(): { name: string; yaml: string } {
    const scenario = this.#scenario();
    return { name: scenario.name, yaml: writtenScenario(scenario, this.#comments()) };
  }

  /** Ends the workload, undoes what would outlive the nodes, and closes the history. The nodes are left as they are. */
  async close(): Promise<void> {
    await this.#export?.catch(() => {}); // told to the one who asked for it
    const failure = await this.#recording.session.close(undefined, ENDED);
    if (failure !== undefined) throw failure;
  }

  /** A workload that broke is told once, and ends; the session goes on, and proves nothing any more. */
  async #stopWorkload(name: string): Promise<void> {
    const { session, workloads } = this.#recording;
    await workloads.stop(name).catch((error: unknown) => {
      if (this.#broken !== undefined) return;
      const text = `${name} broke: ${messageOf(error)}`;
      this.#broken = new Error(text, { cause: error });
      session.log.observe("node-died", { node: "client", text });
    });
  }

  /** Has a workload broken since this was asked last? */
  #lookAfterWorkload(): void {
    const running = this.#workload;
    if (running === undefined || !this.#recording.workloads.broken || this.#broken !== undefined) return;
    this.#workload = undefined;
    void this.#stopWorkload(running.name);
  }

  get #plan(): Plan {
    return this.#recording.session.plan;
  }

  #scenario(): Scenario {
    const { session, workloads } = this.#recording;
    const steps = stepsOf(this.#recordedActions, session.now() / 1e6);
    const well = session.operations.unwell(0, session.now()) === undefined;
    const running = this.#workload;
    if (running && isProbe(workloadNamed(running.name), running.options) && well) steps.push(RECOVERED);
    return liveScenario({ spec: this.#options.spec, library: workloads.library }, writtenSteps(steps));
  }

  #comments(): string[] {
    const heals = this.#recordedActions.some(({ step }) => step.action === "heal");
    return [
      `What was done by hand in ${this.setup.id}, ${this.setup.startedAt}; Valkey ${this.setup.valkey}, driver ${this.setup.driver}.`,
      "Primaries are named by their role; replicas and Sentinels by their names, which may play other roles in " +
        "another run.",
      ...(heals ? ["A heal undoes every fault of its kind that is in force."] : []),
    ];
  }

  #status(): LiveStatus {
    this.#lookAfterWorkload();
    return {
      workload: this.#workload ?? null,
      client: this.#recording.workloads.library.name,
      busy: [...this.#busy.values(), ...(this.#export ? ["export the run"] : [])],
      steps: [],
      over: false,
      ended: null,
    };
  }

  /**
   * Does a step, records it as one, and remembers it as a recorded action. What fails is recorded, and is no recorded
   * action.
   */
  async #perform(step: Step, work: () => Promise<unknown>): Promise<void> {
    if (this.#export) throw new DrillError("BAD_USAGE", "an export is under way: wait for its end");
    const { clock, recorder } = this.#recording.session;
    const name = titleOf(step);
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
