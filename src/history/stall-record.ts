import { type OwnStall, onStall } from "../base/stall-meter.ts";
import type { HistoryEvent } from "../model/event.ts";
import { observation, type StallData } from "../model/observed.ts";

/**
 * Records every stall of this process as the observation `stall`, until the returned function is called. What nobody
 * observed must not be charged to the servers.
 *
 * @param now the run's clock, ns
 */
export function recordStalls(record: (event: HistoryEvent) => void, now: () => number): () => void {
  return onStall((stall) => {
    const at = now();
    record(observation(at, "stall", onRunClock(stall, at, performance.now())));
  });
}

/**
 * A stall on the clock of a run.
 *
 * @param at a time on that clock, ns
 * @param atMs the same time by `performance.now()`
 */
export function onRunClock({ fromMs, toMs, kind, lostMs }: OwnStall, at: number, atMs: number): StallData {
  const ns = (ms: number) => Math.max(0, Math.round(at - (atMs - ms) * 1e6));
  return { from: ns(fromMs), to: ns(toMs), kind, ...(lostMs !== undefined && { lostMs }) };
}
