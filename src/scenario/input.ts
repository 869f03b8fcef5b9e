import type { z } from "zod";
import type { Fault, LinkFault } from "../fault/fault.ts";
import type { BuiltInFault } from "../fault/registry.ts";
import type { BuiltInClient } from "../libraries/registry.ts";
import type { BuiltInWorkload } from "../workload/registry.ts";
import type { Workload, WorkloadKind } from "../workload/workload.ts";
import type { Duration } from "./duration.ts";
import type { NodeSelector } from "./selectors.ts";
import type { LinkSelector } from "./selectors-links.ts";
import type { StepKind } from "./steps/step.ts";

/*
 * What a scenario may hold, for the compiler. Everything is read off the registries and the schemas that validate: a
 * fault, a workload or an option that is added there is known here.
 */

/**
 * Faults, workloads and client libraries of your own, so that `defineScenario` knows them:
 *
 * ```ts
 * declare module "valkey-drill" {
 *   interface Plugins { forgetScripts: typeof forgetScripts }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is filled by whoever has plugins
export interface Plugins {}

type Added = Plugins[keyof Plugins];
type AnyFault = BuiltInFault | Extract<Added, Fault>;
type AnyWorkload = BuiltInWorkload | Extract<Added, Workload>;

/** Name of a fault. */
export type FaultKind = AnyFault["kind"];

/** Name of a client library. */
export type ClientName = BuiltInClient | Extract<Added, { packageName: string; name: string }>["name"];

/** Name of a workload of that kind. */
export type WorkloadName<Kind extends WorkloadKind = WorkloadKind> = OfKind<Kind>["name"];

/** The options of a schema as they are given; none, if it takes none. */
type Given<Schema extends z.ZodType> = string extends keyof z.input<Schema> ? unknown : z.input<Schema>;

/** What a fault is aimed at: nodes, or links. */
type TargetOf<F> = F extends LinkFault ? LinkSelector : NodeSelector;

type InjectionOf<F extends Fault> =
  F extends Fault<infer Kind, infer Schema>
    ? Plain<
        {
          fault: Kind;
          target: TargetOf<F> | readonly TargetOf<F>[];
          /** Healed after that time. */
          for?: Duration;
          /** true: the drill counts also if nobody answers to the target then, or the fault cannot be done. */
          optional?: boolean;
        } & Given<Schema>
      >
    : never;

/** `{ fault: "kill", target: "primary" }`, and the fault's own options beside them. */
export type Injection = InjectionOf<AnyFault>;

type OfKind<Kind extends WorkloadKind> = Extract<AnyWorkload, { kind: Kind }>;
type OptionsByName<Kind extends WorkloadKind> = {
  [W in OfKind<Kind> as W["name"]]: Given<W["options"]>;
};

/** `"crud"`, or `{ crud: { ttlMs: 500 } }`. */
export type WorkloadUse<Kind extends WorkloadKind> = WorkloadName<Kind> | OneOf<OptionsByName<Kind>>;

/** `{ wait: "1s" }`, `{ inject: … }`: one of these kinds of steps. */
export type StepInput<Kind extends StepKind> = OneOf<{ [K in Kind as K["action"]]: z.input<K["schema"]> }>;

/** An object with exactly one of these keys. */
type OneOf<Values> = {
  [Key in keyof Values]: { [K in Key]: Values[K] } & { [K in Exclude<keyof Values, Key>]?: never };
}[keyof Values];

/** The same type, shown as one object. */
type Plain<T> = { [K in keyof T]: T[K] };
