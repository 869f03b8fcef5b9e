import type { Random } from "../base/random.ts";
import { waitFor } from "../base/wait.ts";
import type { RunningTopology } from "../driver/driver.ts";
import type { Fault, FaultContext } from "../fault/fault.ts";
import type { FaultEvent, RoleChange } from "../model/event.ts";
import type { Observer } from "../observe/observer.ts";
import { shardOf } from "../observe/view.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import { rolesMeant } from "./roles-meant.ts";

/** A fault that was injected and not yet healed. */
export interface FaultInForce {
  readonly id: number;
  readonly fault: Fault;
  readonly options: unknown;
  readonly targets: readonly string[];
  /** The primaries that it hit (see `primariesAmong`), or that are to give up their place for it, by the roles when it came. */
  readonly primaries: readonly string[];
  /** The changes of roles that it means to bring about; once it is injected, with who took each place, where it saw that. */
  roles: readonly RoleChange[];
  /** What `inject` returned, for `heal`. */
  remembered?: unknown;
  /** Nothing of it is left: the nodes are as they should be. */
  selfHealed?: boolean;
}

interface Parts {
  readonly topology: RunningTopology;
  readonly admins: AdminPool;
  readonly observer: Observer;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Takes each event of the history; `at` is of now. */
  record(event: Omit<FaultEvent, "at">): void;
}

/** The faults of one run: injects and heals them, and keeps and tells which are in force. */
export class FaultsInForce {
  readonly #parts: Parts;
  readonly #all: FaultInForce[] = [];
  #count = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Those that are `over` as well: what they have set in motion may still be awaited. */
  get all(): readonly FaultInForce[] {
    return this.#all;
  }

  /**
   * Injects the fault on nodes, or links, by their own names.
   *
   * @param onBegin is given the fault before anything is changed: what fails or is interrupted can be healed
   */
  async inject(
    fault: Fault,
    targets: readonly string[],
    options: unknown,
    onBegin?: (entry: FaultInForce) => void,
  ): Promise<FaultInForce> {
    const { topology, observer } = this.#parts;
    const meant = rolesMeant(fault, targets, options, { plan: topology.plan, view: observer.view });
    this.#count += 1;
    const entry: FaultInForce = { id: this.#count, fault, options, targets, ...meant };
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
  async heal(entry: FaultInForce, patienceMs = 0): Promise<void> {
    if (!this.#all.includes(entry) || entry.selfHealed) return;
    this.#record("heal", entry);
    const undo = () => entry.fault.heal(this.#context(entry), entry.targets, entry.remembered);
    if (patienceMs === 0) await undo();
    else {
      const what = `${entry.fault.label(entry.targets, entry.options)} to be undone`;
      const look = async () => ({ done: true, value: await undo() }) as const;
      const { signal } = this.#parts;
      await waitFor(look, { what, timeoutMs: patienceMs, intervalMs: 200, signal });
    }
    const at = this.#all.indexOf(entry);
    if (at < 0) return; // by another healing meanwhile: a `for` that ended and a `heal` step
    this.#record("healed", entry);
    this.#all.splice(at, 1);
  }

  /** At the end, on every path: what would stay when the nodes are gone is undone. No part of the history. */
  async healWhatOutlives(): Promise<void> {
    const lasting = this.#all.filter(({ fault }) => fault.outlivesNodes).toReversed();
    const failures: unknown[] = [];
    for (const entry of lasting) {
      const context = { ...this.#context(entry), signal: AbortSignal.abort() };
      const healing = entry.fault.heal(context, entry.targets, entry.remembered);
      await healing.catch((error: unknown) => failures.push(error)); // the others are healed all the same
    }
    if (failures.length > 0) throw failures[0];
  }

  #context(entry: FaultInForce): FaultContext {
    const { topology, admins, random, signal } = this.#parts;
    const remember = async (known: unknown) => {
      entry.remembered = known;
    };
    return { topology, admins, random, signal, remember };
  }

  #record(phase: FaultEvent["phase"], entry: FaultInForce): void {
    const { topology, observer, record } = this.#parts;
    const { id, fault, options, targets, primaries, roles } = entry;
    const shards = primaries
      .map((name) => shardOf(observer.view, topology.plan, name))
      .filter((shard) => shard !== undefined);
    const label = fault.label(targets, options);
    const losesData = fault.losesData?.(options);
    record({
      type: "fault",
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
