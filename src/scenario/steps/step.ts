import type { z } from "zod";
import type { Driver, LinkRequest } from "../../driver/driver.ts";
import type { ClientLibrary } from "../../libraries/library.ts";
import type { Plan, TopologyKind } from "../../model/plan.ts";

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

/**
 * One kind of step of a scenario. A new one is a file of its own and a line in the registry.
 *
 * `StepKind<"wait", typeof schema>` tells the compiler its key and its value, so that scenarios are checked by them.
 */
export interface StepKind<Action extends string = string, Schema extends z.ZodType = z.ZodType> {
  /** The key by which a scenario names it: `inject`. */
  readonly action: Action;
  readonly summary: string;
  readonly schema: Schema;
  /** What makes no sense on that kind of topology, and where in the value it stands: told as the scenario is read. */
  misfits?(value: z.output<Schema>, topology: TopologyKind): Misfit[];
  /** Refuses, before anything starts, what cannot work. @throws DrillError */
  check?(value: z.output<Schema>, on: { plan: Plan; driver: Driver; client: ClientLibrary }): void;
  /** Which links it may impair: the topology is started so that they can be. */
  links?(value: z.output<Schema>): LinkRequest | undefined;
  /** The workloads that it starts or runs, with their options. */
  uses?(value: z.output<Schema>): readonly WorkloadUse[];
  /** The value as a scenario file would write it, where reading has changed its form. */
  written?(value: z.output<Schema>): unknown;
  /** Values that make the step a shorter one, for shrinking a scenario; each strictly less than the value. */
  smaller?(value: z.output<Schema>): z.output<Schema>[];
  /** What the progress shows: "inject kill → primary". */
  title(value: z.output<Schema>): string;
}

/** What all of them need together. */
export function mergedLinks(requests: readonly (LinkRequest | undefined)[]): LinkRequest | undefined {
  const needed = requests.filter((request) => request !== undefined);
  return needed.length === 0 ? undefined : { clients: needed.some(({ clients }) => clients) };
}
