import type { ClientTarget } from "../../client/client.ts";
import type { Capability, LinkRequest } from "../../driver/driver.ts";
import type { Plan, TopologyKind } from "../../model/plan.ts";
import type { TopologySpec } from "../../topology/spec.ts";
import type { Stage } from "../stage.ts";

/** What happens to the servers while the clients call. A new one is a file of its own and a line in `registry.ts`. */
export interface BakeoffScenario {
  readonly name: string;
  /** One line for help and tables: what is done. */
  readonly summary: string;
  /** Topologies in which it can be. */
  readonly kinds: readonly TopologyKind[];
  readonly needs: readonly Capability[];
  /** What the topology needs that it has not by itself. */
  readonly spec?: Readonly<Partial<Record<TopologyKind, Partial<TopologySpec>>>>;
  readonly links?: LinkRequest;
  /** Password of the default user on data nodes. */
  readonly password?: string;
  /** Where the client is told to go, if not to the Sentinels or nodes of the plan. */
  target?(plan: Plan): ClientTarget;
  /** Before the client is started. */
  prepare?(stage: Stage): Promise<void>;
  /**
   * Does all that is done to the servers, and resolves when they could serve everything again. Whether the clients are well again
   * is waited for by others.
   */
  run(stage: Stage): Promise<Ran>;
}

/**
 * `replaced`: did another node become primary, as it should have? Left out where none was to: then the servers could serve from the end
 * of the scenario on, and not from that moment.
 */
export interface Ran {
  readonly replaced?: boolean;
}

/** The primary that is hit: in a cluster the one of the first shard. */
export function primaryOf({ plan }: Stage): string {
  return plan.kind === "ha" ? "primary" : "shard:1/primary";
}
