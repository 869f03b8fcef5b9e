import { DrillError, messageOf } from "../model/errors.ts";
import { onStall, stalledMs } from "./stall-meter.ts";

export interface WaitOptions {
  /** What is awaited, for the error: "replica-1 to link to primary". */
  readonly what: string;
  readonly timeoutMs: number;
  /** Pause between two looks. Default 20. */
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
}

/** A look at the awaited condition: it holds, or what was seen instead. */
export type Look<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly seen: string };

/**
 * Looks until the condition holds. A look that throws counts as "not yet"; its message is what was seen. Time in which
 * this process stood still does not count: nobody looked.
 *
 * @throws DrillError `DEADLINE`, telling what was awaited, for how long, and what was seen last.
 */
export async function waitFor<T>(look: () => Promise<Look<T>> | Look<T>, options: WaitOptions): Promise<T> {
  const { what, timeoutMs, intervalMs = 20, signal } = options;
  const time = runningTime();
  let seen = "nothing yet";
  try {
    for (;;) {
      signal?.throwIfAborted();
      try {
        const result = await look();
        if (result.done) return result.value;
        seen = result.seen;
      } catch (error) {
        if (error instanceof DrillError && error.code === "NODE_DIED") throw error;
        seen = messageOf(error);
      }
      const { spentMs, stoodStillMs } = time.soFar();
      if (spentMs >= timeoutMs) {
        const more =
          stoodStillMs < TOLD_MS ? "" : `, and stood still for ${Math.round(stoodStillMs)} ms more`;
        const waited = `waited ${Math.round(spentMs)} ms for ${what}${more}`;
        throw new DrillError("DEADLINE", `${waited}; last seen: ${seen}`);
      }
      await pause(Math.min(intervalMs, timeoutMs - spentMs), signal);
    }
  } finally {
    time.end();
  }
}

/** A shorter stall is not worth a word. */
const TOLD_MS = 250;

/** Time as this process lived it. */
export interface RunningTime {
  /** Since it was begun: how long this process ran, and how long it stood still. */
  soFar(): { readonly spentMs: number; readonly stoodStillMs: number };
  end(): void;
}

/** Begins to measure it. To be ended. */
export function runningTime(): RunningTime {
  const end = onStall(() => {}); // so that it is measured
  const [began, stalledBefore] = [performance.now(), stalledMs()];
  return {
    soFar: () => {
      const stoodStillMs = stalledMs() - stalledBefore;
      return { spentMs: performance.now() - began - stoodStillMs, stoodStillMs };
    },
    end,
  };
}

/** As {@link pause}, but time in which this process stood still does not count: what was to go on meanwhile did not. */
export async function pauseRunning(ms: number, signal?: AbortSignal): Promise<void> {
  const time = runningTime();
  try {
    let leftMs = ms;
    do {
      await pause(leftMs, signal);
      leftMs = ms - time.soFar().spentMs;
    } while (leftMs > 1);
  } finally {
    time.end();
  }
}

/** Resolves after `ms`, or rejects as soon as `signal` aborts. For pacing, never in place of a condition. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      },
      Math.max(0, ms),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
