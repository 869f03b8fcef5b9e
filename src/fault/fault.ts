import { z } from "zod";
import type { Random } from "../base/random.ts";
import type { RunningTopology } from "../driver/driver.ts";
import type { Requirements } from "../model/availability.ts";
import type { Capability } from "../model/capabilities.ts";
import type { RoleChange } from "../model/event.ts";
import type { Plan, TopologyKind } from "../model/plan.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import type { Explored, ExploreOn } from "./explore.ts";

/** What a fault may use. */
export interface FaultContext {
  readonly topology: RunningTopology;
  readonly admins: AdminPool;
  readonly random: Random;
  /**
   * Aborts when the drill is over or interrupted: a fault that takes its time ends then, and healing undoes only what
   * would outlive the nodes.
   */
  readonly signal: AbortSignal;
  /**
   * Writes down what healing must know, before anything is changed: so that what is interrupted in the middle can be
   * healed. What `inject` returns replaces it.
   */
  remember(known: unknown): Promise<void>;
}

/** Who has which role when a fault comes. */
export interface RolesNow {
  readonly kind: TopologyKind;
  /**
   * The primaries that it hits: among the targets; of links, those that they part from clients or from who judges them.
   */
  readonly hit: readonly string[];
  /** The primary whose place the node has or follows, if it answers; in HA, of a Sentinel, the one that there is. */
  primaryOf(node: string): string | undefined;
  isReplica(node: string): boolean;
}

/**
 * One kind of fault. A new one is a file of its own and a line in the registry; `kill.ts` is the template, `flush.ts`
 * that of one that cannot be healed.
 *
 * `Fault<"kill", typeof options>` tells the compiler its name and its options, so that scenarios are checked by them.
 */
export interface Fault<Kind extends string = string, Schema extends z.ZodType = z.ZodType>
  extends Requirements<z.output<Schema>> {
  /** The name by which scenarios and the command line call it. */
  readonly kind: Kind;
  /** One line for `valkey-drill list` and the help. */
  readonly summary: string;
  /** What its targets are: names of nodes, or (`A>B`) of links. Default: nodes. */
  readonly targetKind?: "nodes" | "links";
  /** What the driver must be able to do; a scenario on a driver that lacks it is refused. */
  readonly needs: readonly Capability[];
  /** What of a topology it needs and that one lacks, as TLS or users of its own. Default: nothing. */
  lackingOf?(plan: Plan, options?: unknown): string | undefined;
  /**
   * Its options with their defaults: the keys that stand beside `fault` and `target`. Strict: what it does not know is
   * refused.
   */
  readonly options: Schema;
  /** What it is called on a timeline: `primary killed`. Short, and in the past tense. */
  label(targets: readonly string[], options: z.output<Schema>): string;
  /**
   * Which roles it means to change, by who has which when it comes: recorded with the fault, and what the checkers hold
   * against what the nodes said. Default: each primary that it hits may lose its place. See `roles.ts`.
   */
  means?(targets: readonly string[], options: z.output<Schema>, now: RolesNow): readonly RoleChange[];
  /** The same changes, with who took each place as far as the fault saw it, by what `inject` returned. */
  came?(remembered: unknown): readonly RoleChange[] | undefined;
  /**
   * Keys may be gone from its targets by the fault alone, though nobody is promoted: it ends processes, or removes
   * keys. Those acknowledged until it is injected (`at-once`), or until it is healed (`in-force`). Default: none.
   */
  losesData?(options: z.output<Schema>): "at-once" | "in-force" | undefined;
  /**
   * How `explore` draws it: a target and options by chance, or `undefined` where it makes no sense. Absent: never
   * drawn, as a fault that plants a loss on purpose.
   */
  explore?(on: ExploreOn): Explored | undefined;
  /**
   * Its effect outlasts the nodes (a helper process, sockets that are held), so it is healed at the end of a drill on
   * every path. Any other fault is gone with the nodes that it hit.
   */
  readonly outlivesNodes?: true;
  /**
   * Nothing of it is left once it has been injected, by what `inject` returned: the nodes are as they should be, and
   * none is excused at the end. Default: it stays until it is healed.
   */
  selfHealing?(remembered: unknown): boolean;
  /**
   * Puts the fault in force on each target. Resolves once it is in force. What throws has first undone what it did.
   *
   * @returns what healing must know, as plain JSON: it may be healed by another process (`valkey-drill fault heal`)
   */
  inject(context: FaultContext, targets: readonly string[], options: z.output<Schema>): Promise<unknown>;
  /**
   * Undoes it, on all targets or on some of them. Idempotent: healing what is not, or no longer, in force does nothing.
   *
   * @param remembered what `inject` returned; if that was interrupted, what it remembered last, or undefined
   */
  heal(context: FaultContext, targets: readonly string[], remembered: unknown): Promise<void>;
}

/** A fault whose targets are links, so that a scenario must name links. */
export interface LinkFault<Kind extends string = string, Schema extends z.ZodType = z.ZodType>
  extends Fault<Kind, Schema> {
  readonly targetKind: "links";
}

/** The options of a fault that has none. */
export const NO_OPTIONS = z.strictObject({});
