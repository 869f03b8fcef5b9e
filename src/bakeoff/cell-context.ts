import type { Random } from "../base/random.ts";
import { slotsIn } from "../base/ranges.ts";
import { SLOT_COUNT } from "../base/slots.ts";
import { type Look, pause, waitFor } from "../base/wait.ts";
import { nodeOf, type RunningTopology } from "../driver/driver.ts";
import type { FaultContext } from "../fault/fault.ts";
import { faultNamed } from "../fault/registry.ts";
import { clientAddressOf } from "../model/addresses.ts";
import { DrillError } from "../model/errors.ts";
import type { FaultEvent } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import type { Observer } from "../observe/observer.ts";
import { nodesWithRole, shardOf, type TopologyView } from "../observe/view.ts";
import { type FaultInForce, FaultsInForce } from "../scenario/faults-in-force.ts";
import { targetsOf } from "../scenario/targets.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import type { CellRecording } from "./cell-recording.ts";

/** What a scenario can do with the process of the app client, once that is there. */
export interface CellClient {
  /** Do its calls go well just now? */
  isWell(): boolean;
  /** A name under `.drill.test` means that address from now on. */
  point(name: string, address: string): void;
}

interface CellContextParts {
  readonly topology: RunningTopology;
  readonly admins: AdminPool;
  readonly observer: Observer;
  readonly recording: CellRecording;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Longest that a failover may take; on two busy cores one took 12 s. */
const PROMOTION_MS = 25_000;
/** Longest that a primary which came back may go on; a Sentinel waits 8 s before it demotes it. */
const WHOLE_MS = 30_000;
/** Longest that a client is waited for between two faults; one that is not well then is judged after the second. */
const CLIENT_MS = 10_000;

/** What a scenario of the bake-off can do: faults, and waiting for what the topology makes of them. */
export class CellContext {
  readonly #parts: CellContextParts;
  readonly #faults: FaultsInForce;
  #client: CellClient | undefined;

  constructor(parts: CellContextParts) {
    this.#parts = parts;
    const { topology, admins, observer, random, signal, recording } = parts;
    const record = (event: Omit<FaultEvent, "at">) =>
      recording.record({ ...event, at: recording.clock.now() });
    this.#faults = new FaultsInForce({ topology, admins, observer, random, signal, record });
  }

  get plan(): Plan {
    return this.#parts.topology.plan;
  }
  get view(): TopologyView {
    return this.#parts.observer.view;
  }
  get context(): Pick<FaultContext, "topology" | "admins" | "random" | "signal"> {
    const { topology, admins, random, signal } = this.#parts;
    return { topology, admins, random, signal };
  }

  /** The app client's process has been started. */
  set client(client: CellClient) {
    this.#client = client;
  }

  /** Puts a fault of the registry in force where the selectors mean now. */
  async inject(kind: string, selectors: readonly string[], given: object = {}): Promise<FaultInForce> {
    const fault = faultNamed(kind);
    const { observer, random } = this.#parts;
    await observer.refresh();
    const targets = targetsOf(fault, selectors, { plan: this.plan, view: this.view, random });
    return this.#faults.inject(fault, targets, fault.options.parse(given));
  }

  /** Undoes it. Healed twice is healed once. */
  async heal(entry: FaultInForce): Promise<void> {
    await this.#faults.heal(entry);
  }

  /** At the end, on every path: what would stay when the nodes are gone is undone. */
  async healWhatOutlives(): Promise<void> {
    await this.#faults.healWhatOutlives();
  }

  /** Waits until other nodes are primaries in place of those that the fault took. False: none was in time. */
  async untilReplaced({ primaries: lost }: FaultInForce): Promise<boolean> {
    const shards = new Set(lost.map((name) => shardOf(this.view, this.plan, name)));
    const look = (): Look<true> => {
      const now = nodesWithRole(this.view, "primary", this.plan).filter((name) => !lost.includes(name));
      const served = new Set(now.map((name) => shardOf(this.view, this.plan, name)));
      return [...shards].every((shard) => served.has(shard))
        ? { done: true, value: true }
        : { done: false, seen: `primaries: ${now.join(", ")}` };
    };
    return this.#holds(look, "another primary", PROMOTION_MS);
  }

  /**
   * Waits until the nodes that answer are one sound topology: one primary for everything, and all others follow one.
   *
   * @param back nodes that must answer
   */
  untilWhole(back: readonly string[] = [], timeoutMs = WHOLE_MS): Promise<boolean> {
    return this.#holds(() => this.#whole(back), "one sound topology", timeoutMs);
  }

  /** Cluster: waits until no node that answers says CLUSTERDOWN any more. */
  untilClusterIsUp(): Promise<boolean> {
    const look = (): Look<true> => {
      const down = [...this.view].find(([, { reachable, state }]) => reachable && state !== "ok");
      return down ? { done: false, seen: `${down[0]} says ${down[1].state}` } : { done: true, value: true };
    };
    return this.#holds(look, "the cluster to be up", WHOLE_MS);
  }

  /** Waits until all calls go well again; false: they did not in time. */
  untilClientIsWell(): Promise<boolean> {
    const look = (): Look<true> =>
      this.#client?.isWell()
        ? { done: true, value: true }
        : { done: false, seen: "its calls do not go well" };
    return this.#holds(look, "the client to be well", CLIENT_MS);
  }

  /** The name means that node from now on. Gives the time, in ns on the run's clock. */
  point(name: string, node: string): number {
    const { recording } = this.#parts;
    const { host: address } = clientAddressOf(nodeOf(this.plan, node).endpoint);
    this.#client?.point(name, address);
    const at = recording.clock.now();
    recording.record({ type: "observation", at, name: "bakeoff-name", data: { name, node, address } });
    return at;
  }

  /** The node that serves that slot (in HA: everything) now. */
  ownerOf(slot: number): string | undefined {
    return nodesWithRole(this.view, "primary", this.plan).find(
      (name) =>
        this.plan.kind === "ha" ||
        this.view.get(name)?.slots.some(([first, last]) => slot >= first && slot <= last),
    );
  }

  /** Lets time pass: how long a fault lasts is part of a scenario. */
  async hold(ms: number): Promise<void> {
    await pause(ms, this.#parts.signal);
  }

  #whole(back: readonly string[]): Look<true> {
    const silent = back.find((name) => !this.view.get(name)?.reachable);
    if (silent !== undefined) return { done: false, seen: `${silent} does not answer` };
    const primaries = nodesWithRole(this.view, "primary", this.plan);
    const served = primaries.reduce((sum, name) => sum + slotsIn(this.view.get(name)?.slots ?? []), 0);
    if (this.plan.kind === "ha" && primaries.length !== 1)
      return { done: false, seen: `${primaries.length} primaries` };
    if (this.plan.kind === "cluster" && served !== SLOT_COUNT)
      return { done: false, seen: `${served} slots served` };
    for (const [name, node] of this.view) {
      if (!node.reachable || primaries.includes(name)) continue;
      if (node.role !== "replica" || !node.linkUp) return { done: false, seen: `${name} follows nobody` };
    }
    return { done: true, value: true };
  }

  async #holds(look: () => Look<true>, what: string, timeoutMs: number): Promise<boolean> {
    const { signal, observer } = this.#parts;
    await observer.refresh(); // what held before the fault holds no longer
    try {
      return await waitFor(look, { what, timeoutMs, signal });
    } catch (error) {
      if (error instanceof DrillError && error.code === "DEADLINE") return false;
      throw error;
    }
  }
}
