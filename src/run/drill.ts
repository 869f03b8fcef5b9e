import type { AppDrill } from "../app/app-drill.ts";
import type { Session } from "../session/session.ts";
import type { Workloads } from "../session/workloads.ts";

/** A running drill, as its steps see it: what is there and what is broken, and what is sent. */
export interface Drill {
  readonly session: Session;
  readonly workloads: Workloads;
  /** The application under the drill, if there is one. */
  readonly app?: AppDrill;
}

/**
 * Does one step. A condition that does not come true in time is thrown as a `DEADLINE`: it is recorded, and the drill
 * goes on, for the checkers to judge. Any other error ends the drill.
 *
 * @returns what was done, for the progress
 */
export type StepRun<Value = unknown> = (drill: Drill, value: Value) => Promise<string | undefined>;
