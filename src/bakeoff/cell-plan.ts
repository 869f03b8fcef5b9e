import type { Driver } from "../driver/driver.ts";
import type { TopologyKind } from "../model/plan.ts";
import type { ConfigFlags } from "../scenario/config-files.ts";
import type { ProfileRef } from "./child/messages.ts";
import type { BakeoffScenario } from "./scenarios/scenario.ts";

/** One app client in one scenario: a cell of the table. */
export interface CellPlan {
  readonly library: string;
  readonly version: string;
  readonly profile: ProfileRef;
  readonly kind: TopologyKind;
  readonly scenario: BakeoffScenario;
  /** Path of a module whose `libraries` are used in place of the registry's. */
  readonly module?: string;
  /** Uses everything else that the library offers as well. */
  readonly features: boolean;
}

export interface CellOptions {
  readonly driver: Driver;
  readonly valkey: string;
  readonly seed: number;
  /** TLS for all connections. */
  readonly tls?: boolean;
  readonly run: number;
  readonly outDir: string;
  /** The command that repeats this run. */
  readonly replay: string;
  readonly signal: AbortSignal;
  /** Configuration files for the nodes. */
  readonly configFiles?: ConfigFlags;
  /** How long the servers have been well when it is said that an app client is not; default 15 s. */
  readonly recoverMs?: number;
  /** What to run as the app client's process in place of the built program. */
  readonly program?: string;
}
