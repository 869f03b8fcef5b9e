import type { z } from "zod";
import type { TopologyNode } from "../app/env/topology-env.ts";
import type { NodeStatus } from "../model/status.ts";
import type { TopologyCondition } from "../scenario/conditions.ts";
import type { FaultKind, Injection } from "../scenario/input.ts";
import type { topologySpecSchema } from "../topology/spec.ts";
import type { InjectedFault } from "./injections.ts";
import type { ServerChoice } from "./open-driver.ts";

/** What `startTopology` is given: `{ kind: "ha" }`, and whatever else the `topology` of a scenario takes. */
export type TopologyInput = z.input<typeof topologySpecSchema>;

/** How a topology is started. Everything has a default. */
export interface StartTopologyOptions extends ServerChoice {
  /**
   * All connections go over links that can be impaired: for the faults `cut`, `delay` and their like. Default: false.
   */
  readonly links?: boolean;
  /** Seed of what is chosen by chance: which replica `replica` means. Default: a new one. */
  readonly seed?: number;
  /** Ends the starting, where it aborts. */
  readonly signal?: AbortSignal;
}

/** A running topology that belongs to this process. */
export interface Topology extends AsyncDisposable {
  readonly kind: "ha" | "cluster";
  /** Every node, Sentinels included. */
  readonly nodes: readonly TopologyNode[];
  /** Where the Sentinels are; none in a cluster. */
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  /** By which name the Sentinels know the primary; none in a cluster. */
  readonly sentinelGroup: string | undefined;
  /** What an application must be told to find the servers: see `topologyEnv`. */
  env(): Record<string, string>;
  /**
   * Puts a fault in force on the nodes, or links, that the target means now. With `for` it is healed after that time.
   *
   * @throws DrillError `BAD_USAGE`, `LACKS_CAPABILITY`; `NOT_READY` if nobody answers to the target now
   */
  inject(injection: Injection): Promise<InjectedFault>;
  /** Undoes all faults of that kind, or all, the last first. Returns what was healed. */
  heal(kind?: FaultKind): Promise<string[]>;
  /**
   * Waits for a condition, as the step `await` does.
   *
   * @param options `timeoutMs`: default 30,000
   * @throws DrillError `DEADLINE`, with what was seen last; `NODE_DIED` if a node ended by itself
   */
  until(condition: TopologyCondition, options?: { readonly timeoutMs?: number }): Promise<string>;
  /** What every node is now. */
  status(): Promise<NodeStatus[]>;
  /** Stops every node and removes its files. Does nothing the second time. */
  stop(): Promise<void>;
}
