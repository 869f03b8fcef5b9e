import { DrillError, messageOf } from "../model/errors.ts";

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
 * Looks until the condition holds. A look that throws counts as "not yet"; its message is what was seen.
 *
 * @throws DrillError `DEADLINE`, telling what was awaited, for how long, and what was seen last.
 */
export async function waitFor<T>(look: () => Promise<Look<T>> | Look<T>, options: WaitOptions): Promise<T> {
  const { what, timeoutMs, intervalMs = 20, signal } = options;
  const began = performance.now();
  let seen = "nothing yet";
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
    const spentMs = performance.now() - began;
    if (spentMs >= timeoutMs) {
      throw new DrillError("DEADLINE", `waited ${Math.round(spentMs)} ms for ${what}; last seen: ${seen}`);
    }
    await pause(Math.min(intervalMs, timeoutMs - spentMs), signal);
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
