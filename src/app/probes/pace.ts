import { pause } from "../../base/wait.ts";

/**
 * Calls `send` at each due time (ns on the run's clock) until the signal aborts, whether the calls before were answered
 * or not. What was due while this process stood still is sent at once, with the time at which it was due.
 */
export async function atFixedRate(
  everyMs: number,
  { now, signal }: { readonly now: () => number; readonly signal: AbortSignal },
  send: (due: number) => void,
): Promise<void> {
  const began = now();
  const intervalNs = everyMs * 1e6;
  for (let sent = 0; !signal.aborted; ) {
    for (; sent * intervalNs <= now() - began && !signal.aborted; sent += 1)
      send(Math.round(began + sent * intervalNs));
    const untilNextMs = (sent * intervalNs - (now() - began)) / 1e6;
    await pause(Math.max(1, untilNextMs), signal).catch(() => {}); // aborted: the loop's own condition ends it
  }
}

/** Works on all of them, so many at a time, each begun at the earliest `everyMs` after the one before. */
export async function evenly<T>(
  all: readonly T[],
  {
    atOnce,
    everyMs,
    signal,
  }: { readonly atOnce: number; readonly everyMs: number; readonly signal: AbortSignal },
  work: (one: T) => Promise<void>,
): Promise<void> {
  const began = performance.now();
  let next = 0;
  const workOn = async () => {
    while (next < all.length && !signal.aborted) {
      const index = next;
      next += 1;
      const waitMs = began + index * everyMs - performance.now();
      if (waitMs > 1) await pause(waitMs, signal).catch(() => {});
      if (signal.aborted) return;
      await work(all[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, workOn));
}
