import { pause } from "../../base/wait.ts";

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
