import { waitFor } from "../base/wait.ts";
import type { Fault, FaultContext } from "../fault/fault.ts";
import type { Recorder } from "../history/recorder.ts";
import type { FaultEvent, RoleChange } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import { shardOf, type TopologyView } from "../observe/view.ts";
import { checkTargets } from "../scenario/injectable.ts";
import { rolesMeant } from "../scenario/roles-meant.ts";
import { targetsOf } from "../scenario/targets.ts";
import { firstFailure } from "./closing.ts";

/** A fault that was injected and not yet healed. */
export interface ActiveFault {
  readonly id: number;
  readonly fault: Fault;
  readonly options: unknown;
  readonly targets: readonly string[];
  /**
   * The primaries that it hit (see `primariesAmong`), or that are to give up their place for it, by the roles when it
   * came.
   */
  readonly primaries: readonly string[];
  /**
   * The changes of roles that it means to bring about; once it is injected, with who took each place, where it saw
   * that.
   */
  roles: readonly RoleChange[];
  /** What `inject` returned, for `heal`. */
  remembered?: unknown;
  /** Nothing of it is left: the nodes are as they should be. */
  selfHealed?: boolean;
}

/** The session in which they are, as far as it concerns them. */
interface SessionOfFaults extends Omit<FaultContext, "remember"> {
  readonly plan: Plan;
  readonly view: TopologyView;
  readonly recorder: Pick<Recorder, "record">;
  now(): number;
  look(): Promise<void>;
}

/** The faults of one session: injects and heals them, and keeps and tells which are in force. */
export class ActiveFaults {
  readonly #session: SessionOfFaults;
  readonly #all: ActiveFault[] = [];
  #count = 0;

  constructor(session: SessionOfFaults) {
    this.#session = session;
  }

  /** Those that are `selfHealed` as well: what they have set in motion may still be awaited. */
  get all(): readonly ActiveFault[] {
    return this.#all;
  }

  /**
   * Injects the fault on the nodes, or links, that the selectors mean now.
   *
   * @param onBegin is given the fault before anything is changed: what fails or is interrupted can be healed
   * @throws DrillError `NOT_READY` if nobody answers to a selector; whatever the fault throws
   */
  async injectAt(
    fault: Fault,
    selectors: readonly string[],
    options: unknown,
    onBegin?: (entry: ActiveFault) => void,
  ): Promise<ActiveFault> {
    await this.#session.look();
    return this.inject(fault, targetsOf(fault, selectors, this.#session), options, onBegin);
  }

  /** The same on nodes, or links, by their own names. */
  async inject(
    fault: Fault,
    targets: readonly string[],
    options: unknown,
    onBegin?: (entry: ActiveFault) => void,
  ): Promise<ActiveFault> {
    checkTargets(fault, targets, this.#session.plan);
    const meant = rolesMeant(fault, targets, options, this.#session);
    this.#count += 1;
    const entry: ActiveFault = { id: this.#count, fault, options, targets, ...meant };
    this.#all.push(entry);
    onBegin?.(entry);
    this.#record("inject", entry);
    entry.remembered = await fault.inject(this.#context(entry), targets, options);
    entry.roles = fault.came?.(entry.remembered) ?? entry.roles;
    this.#record("injected", entry);
    entry.selfHealed = fault.selfHealing?.(entry.remembered) ?? false;
    if (entry.selfHealed) this.#record("healed", entry);
    return entry;
  }

  /**
   * Heals one fault; one that is healed already is left as it is.
   *
   * @param patienceMs how long it is tried again, where another fault may hold the node
   */
  async heal(entry: ActiveFault, patienceMs = 0): Promise<void> {
    if (!this.#all.includes(entry) || entry.selfHealed) return;
    this.#record("heal", entry);
    const undo = () => entry.fault.heal(this.#context(entry), entry.targets, entry.remembered);
    if (patienceMs === 0) await undo();
    else {
      const what = `${entry.fault.label(entry.targets, entry.options)} to be undone`;
      const look = async () => ({ done: true, value: await undo() }) as const;
      const { signal } = this.#session;
      await waitFor(look, { what, timeoutMs: patienceMs, intervalMs: 200, signal });
    }
    const at = this.#all.indexOf(entry);
    if (at < 0) return; // by another healing meanwhile: a `for` that ended and a `heal` step
    this.#record("healed", entry);
    this.#all.splice(at, 1);
  }

  /** Heals every fault of that kind that is in force (all, if none is given), the last first. */
  async healAll(kind?: Fault): Promise<ActiveFault[]> {
    const entries = this.#all.filter(({ fault }) => kind === undefined || fault === kind).toReversed();
    for (const entry of entries) await this.heal(entry);
    return entries;
  }

  /** At the end, on every path: what would stay when the nodes are gone is undone. No part of the history. */
  async healWhatOutlives(): Promise<void> {
    const lasting = this.#all.filter(({ fault }) => fault.outlivesNodes).toReversed();
    const failure = await firstFailure(
      lasting.map((entry) => () => {
        const context = { ...this.#context(entry), signal: AbortSignal.abort() };
        return entry.fault.heal(context, entry.targets, entry.remembered);
      }),
    );
    if (failure !== undefined) throw failure;
  }

  #context(entry: ActiveFault): FaultContext {
    const { topology, admins, random, signal } = this.#session;
    const remember = async (known: unknown) => {
      entry.remembered = known;
    };
    return { topology, admins, random, signal, remember };
  }

  #record(phase: FaultEvent["phase"], entry: ActiveFault): void {
    const { plan, view, recorder } = this.#session;
    const { id, fault, options, targets, primaries, roles } = entry;
    const shards = primaries.map((name) => shardOf(view, plan, name)).filter((shard) => shard !== undefined);
    const label = fault.label(targets, options);
    const losesData = fault.losesData?.(options);
    recorder.record({
      type: "fault",
      at: this.#session.now(),
      phase,
      id,
      fault: fault.kind,
      label,
      options,
      targets,
      primaries,
      shards,
      roles,
      ...(losesData !== undefined && { losesData }),
    });
  }
}
