import type { z } from "zod";
import type { Random } from "../base/random.ts";
import type { ClientOptions, DrillClient, SubscribeOptions, Subscription } from "../client/client.ts";
import type { ClientAbility } from "../model/client-abilities.ts";
import type { Plan, TopologyKind } from "../model/plan.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import type { Log } from "./log.ts";

/** What a workload may use. It gets no more than this, and says what it did through `log`. */
export interface WorkloadContext {
  readonly plan: Plan;
  readonly log: Log;
  /** The drill's client. */
  readonly client: DrillClient;
  /**
   * For writes that count as acknowledged (see `durableWrite`): the same client, or one of its own where they use WAIT.
   */
  readonly writer: DrillClient;
  /** Another client of the same library, to be closed by who asked for it. */
  connect(options: Pick<ClientOptions, "refreshSlots">): Promise<DrillClient>;
  /**
   * A subscriber of the same library, to be closed by who asked for it. For workloads whose `clientNeeds` says so: for
   * others it may throw.
   */
  subscribe(to: SubscribeOptions): Promise<Subscription>;
  readonly admins: AdminPool;
  readonly random: Random;
  /** Replicas that `WAIT` must confirm before a write counts as acknowledged; 0: the primary's answer is enough. */
  readonly waitReplicas: number;
  /** Names of the nodes that are primaries or replicas now. */
  nodesOf(role: "primary" | "replica"): readonly string[];
  /** A `steady` workload ends when this aborts; a finite one should end early. */
  readonly signal: AbortSignal;
}

/** What a workload measures, in operations a second; 0 or absent: it does not. */
export interface Measures {
  /**
   * Writes, and reads at primaries, at a fixed rate that waits for no answer: they show how long the service was gone.
   */
  readonly writesPerSecond?: number;
  readonly readsPerSecond?: number;
  /** Reads from replicas of which it is known how old they are. */
  readonly replicaReadsPerSecond?: number;
  /** Messages published to subscribers whose silence would show. */
  readonly messagesPerSecond?: number;
  /** Jobs of which it is known what became of them. */
  readonly jobsPerSecond?: number;
}

/** Does it send writes or reads at a fixed rate, so that it shows whether the service is well? */
export function isProbe({ measures }: Workload, options: unknown): boolean {
  const { writesPerSecond = 0, readsPerSecond = 0 } = measures?.(options) ?? {};
  return writesPerSecond + readsPerSecond > 0;
}

/** `steady`: runs beside the faults until it is stopped; `finite`: runs to its end. */
export type WorkloadKind = "steady" | "finite";

/**
 * One kind of work. A new one is a file of its own and a line in the registry.
 *
 * `Workload<"crud", typeof options, "finite">` tells the compiler its name, its options and its kind, so that scenarios
 * are checked by them.
 */
export interface Workload<
  Name extends string = string,
  Schema extends z.ZodType = z.ZodType,
  Kind extends WorkloadKind = WorkloadKind,
> {
  /** The name by which scenarios call it. */
  readonly name: Name;
  /** One line for `valkey-drill list`. */
  readonly summary: string;
  /** `steady`: runs beside the faults until it is stopped (`start:`); `finite`: runs to its end (`run:`). */
  readonly kind: Kind;
  /** What it measures that `expect` can limit, and how often it looks; absent: nothing. */
  measures?(options: z.output<Schema>): Measures;
  /**
   * It shows what a fault does to the service, so it is the load where nobody names one: as a live page begins (with
   * the defaults of its options), and in the drills of `explore`, with these options. Of several the first in the
   * registry that is for the topology is taken, so those of plugins come last.
   */
  readonly standardLoad?: z.input<Schema>;
  /** The topologies it makes sense on. */
  readonly topologies: readonly TopologyKind[];
  /** What of its options makes no sense on that kind of topology: `sharded: …`. Default: all of them do on any. */
  unsupportedOn?(options: z.output<Schema>, topology: TopologyKind): string | undefined;
  /** What the client library must be able to do, with these options. Default: nothing that not all of them can. */
  clientNeeds?(options: z.output<Schema>): readonly ClientAbility[];
  /** Its options in the scenario, with defaults. */
  readonly options: Schema;
  /** @throws what broke the work itself. How operations ended is recorded, never thrown. */
  run(context: WorkloadContext, options: z.output<Schema>): Promise<void>;
}
