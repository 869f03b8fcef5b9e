import type { LinkRequest } from "../../driver/driver.ts";
import type { ApplicationTarget, TargetKind } from "../../libraries/application.ts";
import type { Capability } from "../../model/capabilities.ts";
import type { Plan, TopologyKind } from "../../model/plan.ts";
import type { TopologySpec } from "../../topology/spec.ts";
import type { CellContext } from "../cell-context.ts";

/** What happens to the servers while the clients call. A new one is a file of its own and a line in `registry.ts`. */
export interface BakeoffScenario {
  readonly name: string;
  /** One line for help and tables: what is done. */
  readonly summary: string;
  /** Topologies in which it can be. */
  readonly topologies: readonly TopologyKind[];
  readonly needs: readonly Capability[];
  /**
   * How long a run took where it was measured (the median of HA and Cluster), to tell beforehand how long a bake-off
   * will take.
   */
  readonly takesSeconds?: number;
  /** What the topology needs that it has not by itself. */
  readonly spec?: Readonly<Partial<Record<TopologyKind, Partial<TopologySpec>>>>;
  readonly links?: LinkRequest;
  /**
   * How clients find the servers, if not by Sentinels or by the nodes of the cluster; it decides which settings they
   * have.
   */
  readonly reach?: TargetKind;
  /** Where the client is told to go, if not to the Sentinels or nodes of the plan. */
  target?(plan: Plan): ApplicationTarget;
  /** What names under `.drill.test` mean at first, if the client is told one. */
  names?(plan: Plan): Readonly<Record<string, string>>;
  /**
   * Does all that is done to the servers, and resolves when they could serve everything again. Whether the clients are
   * well again is waited for by others.
   */
  run(cellContext: CellContext): Promise<Ran>;
}

export interface Ran {
  /**
   * Did another node become primary, as it should have? Left out where none was to: then the servers could serve from
   * the end of the scenario on, and not from that moment.
   */
  readonly replaced?: boolean;
  /** From which fault on outages are measured, if not from the first: what came before it made the ground ready. */
  readonly since?: number;
  /** When clients could have found the new primary, if later than it became primary; ns on the run's clock. */
  readonly findableAt?: number;
}

/** The primary that is hit: in a cluster the one of the first shard. */
export function primaryOf({ plan }: CellContext): string {
  return plan.kind === "ha" ? "primary" : "shard:1/primary";
}
