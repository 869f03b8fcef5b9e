import {
  ExponentialBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from "cockatiel";
import type { Random } from "../base/random.ts";
import { messageOf } from "../model/errors.ts";
import { classifyError, TimeoutError } from "./errors.ts";

/** Waits of a retrying caller, in milliseconds. */
export interface RetryOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** Bound on everything: attempts and waits. */
  readonly totalMs: number;
  readonly random: Random;
  /** Only what surely did not happen is tried again: for work that must not be done twice. */
  readonly onlyIfNotDone?: boolean;
  readonly onRetry?: (attempt: number, waitMs: number, error: unknown) => void;
}

/**
 * Tries until it works, the error is not worth another attempt, or `totalMs` is over: exponential backoff with
 * "equal" jitter ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015), so that clients that lost the
 * same server do not come back in step. For work that may be done twice
 * without harm, or with `onlyIfNotDone` for any.
 *
 * @returns the value and the number of attempts
 * @throws the last error, with `attempts` told in its message
 */
export async function withRetry<T>(
  work: () => Promise<T>,
  options: RetryOptions,
): Promise<{ value: T; attempts: number }> {
  let attempts = 0;
  let last: unknown;
  const retrying = retry(
    handleWhen((error) => {
      const { retryable, outcome } = classifyError(error);
      return retryable && (outcome === "fail" || !options.onlyIfNotDone);
    }),
    { maxAttempts: Number.MAX_SAFE_INTEGER, backoff: backoff(options) },
  );
  retrying.onRetry((event) =>
    options.onRetry?.(attempts, event.delay, "error" in event ? event.error : undefined),
  );
  const bounded = wrap(timeout(options.totalMs, TimeoutStrategy.Aggressive), retrying);
  try {
    const value = await bounded.execute(async ({ signal }) => {
      // The time was over while it waited: cockatiel would go on, and do what the caller was told is not done.
      if (signal.aborted) throw last;
      attempts += 1;
      try {
        return await work();
      } catch (error) {
        last = error;
        throw error;
      }
    });
    return { value, attempts };
  } catch (error) {
    const late = error instanceof TaskCancelledError;
    const cause = late ? (last ?? new TimeoutError(options.totalMs)) : error;
    const why = late ? `gave up after ${options.totalMs} ms` : "not worth a retry";
    const tried = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
    throw new RetryError(`${why}, ${tried}; last: ${messageOf(cause)}`, attempts, cause);
  }
}

/** A retrying call that did not get through. */
export class RetryError extends Error {
  override readonly name = "RetryError";
  readonly attempts: number;
  constructor(message: string, attempts: number, cause: unknown) {
    super(message, { cause });
    this.attempts = attempts;
  }
}

/**
 * The wait before reconnection attempt `times` (from 1), or `null` once `totalMs` have passed since the first of them:
 * the form that strategies of client libraries have.
 */
export function reconnectStrategy(options: Omit<RetryOptions, "onRetry">): (times: number) => number | null {
  let beganAt = 0;
  return (times) => {
    if (times <= 1) beganAt = performance.now();
    if (performance.now() - beganAt > options.totalMs) return null;
    const ceiling = Math.min(options.maxMs, options.initialMs * 2 ** Math.min(times - 1, 30));
    return Math.round(jitter(ceiling, options));
  };
}

function backoff(options: RetryOptions): ExponentialBackoff<number> {
  return new ExponentialBackoff<number>({
    initialDelay: options.initialMs,
    maxDelay: options.maxMs,
    generator: (state = options.initialMs) => [jitter(state, options), Math.min(options.maxMs, state * 2)],
  });
}

/** Between half the ceiling and the ceiling: never at once, never in step. */
function jitter(ceilingMs: number, options: Pick<RetryOptions, "random">): number {
  return ceilingMs / 2 + options.random.next() * (ceilingMs / 2);
}
