import type { LiveBucket } from "./live-bucket.ts";

/* What the live page is told of an application under a drill. Times in ms since the session began. */

/** What does not change while a session lasts. */
export interface LiveAppSetup {
  /** What was started; absent: it ran already. */
  readonly started?: string;
  /** What each probe asks, by its name. */
  readonly asks: Readonly<Record<string, string>>;
  /** Its instances can be started anew from the page. */
  readonly canRestart: boolean;
}

/** What a probe was answered; an operation stands where it was due. */
export interface LiveProbe {
  readonly name: string;
  readonly bucketMs: number;
  /** Those that are new or have changed. */
  readonly buckets: readonly LiveBucket[];
  /** When the oldest that waits for its answer was due; `null`: none waits. */
  readonly waitingSinceMs: number | null;
}

/** Something happened to an instance. */
export interface LiveLife {
  readonly atMs: number;
  readonly instance: string;
  readonly event: "started" | "ready" | "exited" | "stopping" | "stopped" | "killed";
  readonly text: string;
}

/** How much memory an instance took. */
export type LiveMemory = readonly [atMs: number, instance: string, bytes: number];

/** What is new of an application. */
export interface LiveAppTick {
  readonly probes: readonly LiveProbe[];
  readonly life: readonly LiveLife[];
  readonly memory: readonly LiveMemory[];
}
