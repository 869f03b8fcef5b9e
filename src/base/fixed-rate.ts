import { pause } from "./wait.ts";

/**
 * Calls `send` at each due time (ns on the clock of `now`) until the signal aborts, whether the calls before were
 * answered or not. What was due while this process stood still is sent at once, with the time at which it was due.
 */
export async function atFixedRate(
  everyMs: number,
  { now, signal }: { readonly now: () => number; readonly signal: AbortSignal },
  send: (due: number) => void,
): Promise<void> {
  const began = now();
  const intervalNs = everyMs * 1e6;
  for (let sent = 0; !signal.aborted; ) {
    const elapsed = now() - began;
    for (; sent * intervalNs <= elapsed && !signal.aborted; sent += 1)
      send(Math.round(began + sent * intervalNs));
    const untilNextMs = (sent * intervalNs - (now() - began)) / 1e6;
    await pause(Math.max(1, untilNextMs), signal).catch(() => {}); // aborted: the loop's own condition ends it
  }
}
