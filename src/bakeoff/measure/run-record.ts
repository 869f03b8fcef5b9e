import type { Operation } from "../../history/operations.ts";
import type { BakeoffRun } from "../../model/bakeoff.ts";
import type { HistoryEvent } from "../../model/event.ts";
import type { StallData } from "../../model/observed.ts";
import type { Plan } from "../../model/plan.ts";
import type { AppClientExit } from "../app-client-process.ts";
import type { Said } from "../child/messages.ts";
import type { CounterStep } from "../server-counters.ts";

/** Elements of each list, as its primary had them at the end. */
export type Lists = Readonly<Record<string, readonly string[]>>;

/** All that is known of one run. Times in ns on its clock. */
export interface RunRecord {
  readonly plan: Plan;
  /** In order of time. */
  readonly events: readonly HistoryEvent[];
  readonly said: readonly Said[];
  readonly steps: readonly CounterStep[];
  /** Did another node become primary? Absent: none was to. */
  readonly replaced?: boolean;
  /** Number of the fault from which outages are measured; absent: of the first. */
  readonly since?: number;
  /** When clients could have found the new primary, if later than it became primary. */
  readonly findableAt?: number;
  /** Did all calls go well for a second, at the end? */
  readonly recovered?: boolean;
  /** When the servers could serve everything again; absent: nothing was broken. */
  readonly scenarioEndedAt?: number;
  /** How the app client's process ended, if it did so by itself. */
  readonly exit?: AppClientExit;
  /** When calls were no longer waited for. */
  readonly endAt?: number;
  readonly lists?: Lists;
  /** Longest that this process stood still meanwhile: what both suffered is the machine's doing. */
  readonly ownBlockedMs?: number;
}

/** What is measured; the rest of a run is how it was made. */
export type Measured = Omit<BakeoffRun, "run" | "seed" | "folder" | "replay" | "tookMs">;

/** A run in the terms of its measures. */
export interface Run extends RunRecord {
  readonly endAt: number;
  /** Calls of the probe, in order of invocation. */
  readonly calls: readonly Operation[];
  /** All calls, those of features as well. */
  readonly all: readonly Operation[];
  /** When the first fault was injected of those that are measured. */
  readonly faultAt?: number;
  /** When each fault was injected, measured or not. */
  readonly faultsAt: readonly number[];
  /** When another node was seen to be primary, after `faultAt`, and could be found. */
  readonly promotedAt?: number;
  /** All times at which a node was seen to become primary after the first fault, the first of them first. */
  readonly promotionsAt: readonly number[];
  /** Did the servers move the primary more often than faults asked for? */
  readonly secondFailover: boolean;
  /** From when on the servers could serve the calls: `promotedAt`, or the end of the scenario. */
  readonly servedAt?: number;
  /** When this process or that of the app client got no processor for so long that times say nothing; in order. */
  readonly stalls: readonly StallData[];
  /** Is the key in what the first fault hit? */
  readonly isHit: (key: string) => boolean;
}
