import type { Plan, TopologyKind } from "../model/plan.ts";
import type { NodeState } from "./driver.ts";

/** An environment that is there now. */
export interface EnvironmentSummary {
  readonly id: string;
  /** Name of the driver that runs it. */
  readonly driver: string;
  readonly kind: TopologyKind;
  readonly dir: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** It was started to outlive the command that started it. */
  readonly detached: boolean;
  /** Not all of its nodes have answered yet. */
  readonly starting: boolean;
  readonly valkey: string;
  readonly plan: Plan;
  readonly nodes: readonly { readonly name: string; readonly state: NodeState; readonly pid?: number }[];
}
