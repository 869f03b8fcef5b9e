import type { z } from "zod";
import type { Driver, LinkRequest } from "../../driver/driver.ts";
import type { Plan, TopologyKind } from "../../model/plan.ts";
import type { Drill } from "../drill.ts";

/** What does not fit, and its place in the value of the step. */
export interface Misfit {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A workload, with its options as its own schema read them. */
export interface WorkloadUse {
  readonly name: string;
  readonly options: unknown;
}

/** One kind of step of a scenario. A new one is a file of its own and a line in the registry. */
export interface StepKind<Value = unknown> {
  /** The key by which a scenario names it: `inject`. */
  readonly action: string;
  readonly summary: string;
  readonly schema: z.ZodType<Value>;
  /** What makes no sense on that kind of topology, and where in the value it stands: told as the scenario is read. */
  misfits?(value: Value, topology: TopologyKind): Misfit[];
  /** Refuses, before anything starts, what cannot work. @throws DrillError */
  check?(value: Value, on: { plan: Plan; driver: Driver }): void;
  /** Which links it may hurt: the topology is started so that they can be. */
  links?(value: Value): LinkRequest | undefined;
  /** The workloads that it starts or runs, with their options. */
  uses?(value: Value): readonly WorkloadUse[];
  /** The value as a scenario file would write it, where reading has changed its form. */
  written?(value: Value): unknown;
  /** Values that make the step a shorter one, for shrinking a scenario; each strictly less than the value. */
  smaller?(value: Value): Value[];
  /** What the progress shows: "inject kill → primary". */
  title(value: Value): string;
  /**
   * Does it. A condition that does not come true in time is thrown as a `DEADLINE`: it is recorded, and the drill goes on,
   * for the checkers to judge. Any other error ends the drill.
   *
   * @returns what was done, for the progress
   */
  run(drill: Drill, value: Value): Promise<string | undefined>;
}

/** What all of them need together. */
export function mergedLinks(requests: readonly (LinkRequest | undefined)[]): LinkRequest | undefined {
  const needed = requests.filter((request) => request !== undefined);
  return needed.length === 0 ? undefined : { clients: needed.some(({ clients }) => clients) };
}
