import type { Outcome } from "./outcome.ts";

/* An application under the drill: what a history tells of it. */

/**
 * The workload that its probes' operations have in a history: `client` is the instance that was asked (`app-1`), `f`
 * the probe's name, `key` what it sent in place of `{{unique}}`. They say nothing of the servers' keys.
 */
export const APP_WORKLOAD = "app";

/** What a step waits for that waits for its probes: how its condition is called, also where it did not come true. */
export const APP_AWAITED = "the application to go well again";

/** Is it an operation of an application's probe? */
export function isOfApp({ workload }: { readonly workload: string }): boolean {
  return workload === APP_WORKLOAD;
}

/**
 * What a probe's operation means.
 *
 * - `write`: something is done for a user that must not be lost and not be done twice
 * - `read`: something is shown to a user
 * - `read-back`: asks for what the `write` probe `of` has written
 * - `delivered`: the application's own word, on its standard output, that it has done what a `write` probe asked for
 * - `check`: a program that says whether all is right
 */
export type ProbeMeaning = "write" | "read" | "read-back" | "delivered" | "check";

/** How a probe asks. */
export type ProbeTransport = "http" | "stdout" | "command";

/** When a probe is sent: `before` the steps, `during` them, `after` them once, `always`, or until it is right. */
export type ProbeTime = "before" | "during" | "always" | "after" | "eventually";

/** A probe, as the first line of a history tells of it. */
export interface ProbeHeader {
  readonly name: string;
  readonly by: ProbeTransport;
  /** As the scenario has it: `POST /orders {"id": "{{unique}}"}`. */
  readonly asks: string;
  readonly is: ProbeMeaning;
  /** The write that a read-back reads, or whose effect is delivered. */
  readonly of?: string;
  readonly when: readonly ProbeTime[];
  /** How often it is sent while the steps run; absent: it is not. */
  readonly everyMs?: number;
  /** An answer that comes later counts as none. Absent: it asks nothing. */
  readonly deadlineMs?: number;
  /** It tells how often a write was done, so that one that was done twice is seen. */
  readonly countsTimes?: boolean;
}

/** An application, as the first line of a history tells of it. */
export interface AppHeader {
  /** What was started: a command line, `service web of compose.yaml`; absent: it ran already. */
  readonly started?: string;
  /** Where its probes go, an entry for each instance; empty: nothing is asked over HTTP. */
  readonly addresses: readonly string[];
  readonly instances: number;
  /** The preset of environment variables, which often tells the client library. */
  readonly preset?: string;
  readonly probes: readonly ProbeHeader[];
}

/** What a scenario expects of the application itself. Times in ms. */
export interface AppExpectations {
  /** No instance ends by itself. Default: true. */
  readonly alive?: boolean;
  /** Most restarts, in all. */
  readonly restarts?: number;
  /** Each probe goes well again, and stays well, within that time of each fault. */
  readonly recoversWithinMs?: number;
  /** A regular expression that no line of its log may match. */
  readonly logNever?: string;
}

/** What a scenario expects of one probe. Times in ms. */
export interface ProbeExpectations {
  /** Longest time without a success; an answer that comes much later than usual is none. */
  readonly outageMs?: number;
  /** Most writes that were acknowledged and are gone. Default: 0. */
  readonly lost?: number;
  /** Most writes that were done more than once. Default: 0, where a probe can see it. */
  readonly duplicated?: number;
  /**
   * 99 of 100 answers come within that time; those that never came count as later. Of what was sent outside of outages,
   * which have a limit of their own: in a failover far more than one of a hundred comes late.
   */
  readonly p99Ms?: number;
}

/** What became of a write of the application, as its read-backs and its deliveries tell. */
export interface WriteFate {
  readonly id: string;
  readonly outcome: Outcome;
  /** How often it was done: 0: it is gone; `null`: nobody could tell. */
  readonly times: number | null;
}
