import { shardOfKey } from "../base/slots.ts";
import { isCompletion } from "../history/operations.ts";
import type { HistoryEvent, InvokeEvent } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";

/** What the operations do while the drill runs: for progress, and to know when the service is well again. */
export interface LiveOperations {
  readonly total: number;
  /** Takes every event of the history. */
  take(event: HistoryEvent): void;
  /** Begins an interval of time; what is returned tells its rate and errors so far in one line. */
  measure(): () => string;
  /**
   * Why the probes do not count as well, or `undefined` if they do: each probe (writes, reads; in a cluster for each
   * shard) must have had a success sent after `since`, none may have gone wrong or stalled in the last `stableNs`, and none may
   * be waiting for its answer as long as a stall. If one ever went wrong, those since must span as long as the checker of outages
   * wants of a recovery that lasts: a probe that sends seldom (reads of one shard) must be waited for.
   */
  unwell(since: number, stableNs: number, now: number): string | undefined;
}

/** An answer that takes longer belongs to an outage, as the checker of outages counts it. */
const STALL_NS = 250e6;
/** For so long operations must be seen to go well after the last bad one, by the same checker. */
const LASTING_NS = 500e6;

interface Probe {
  /** Invocation time of the last operation that ended well. */
  lastGood: number;
  /** Completion time of the last that did not. */
  lastBad: number;
  lastError: string;
  /** Completion time of the last that ended well, but late. */
  lastStall: number;
  /** Invocation time of the last operation that went wrong or stalled. */
  lastBadSent: number;
  /** Invocation time of the first good one since, if there was one. */
  goodSince: number | undefined;
}

const UNTRIED: Probe = {
  lastGood: -1,
  lastBad: -1,
  lastError: "",
  lastStall: -Infinity,
  lastBadSent: -1,
  goodSince: undefined,
};

export function liveOperations(plan: Plan): LiveOperations {
  const open = new Map<number, InvokeEvent>();
  const probes = new Map<string, Probe>();
  let total = 0;
  let bad = 0;
  let lastError = "";

  const probeOf = ({ f, key }: InvokeEvent) => {
    const shard = shardOfKey(key, plan.shards);
    return shard === undefined ? `${f}s` : `${f}s to shard ${shard}`;
  };

  return {
    get total() {
      return total;
    },
    take(event) {
      if (event.type === "invoke") open.set(event.op, event);
      if (!isCompletion(event)) return;
      const invoked = open.get(event.op);
      open.delete(event.op);
      total += 1;
      if (event.type !== "ok") {
        bad += 1;
        lastError = event.error?.class ?? "UNKNOWN";
      }
      if (invoked?.client !== "probe") return;
      const name = probeOf(invoked);
      const probe = probes.get(name) ?? { ...UNTRIED };
      const stalled = event.type === "ok" && event.at - (invoked.due ?? invoked.at) > STALL_NS;
      if (event.type === "ok") probe.lastGood = Math.max(probe.lastGood, invoked.at);
      if (stalled) probe.lastStall = event.at;
      if (event.type !== "ok")
        Object.assign(probe, { lastBad: event.at, lastError: event.error?.class ?? "UNKNOWN" });
      markRecovery(probe, invoked.at, event.type === "ok" && !stalled);
      probes.set(name, probe);
    },
    measure() {
      const began = { total, bad, atMs: performance.now() };
      return () => {
        const perSecond = Math.round(
          ((total - began.total) * 1000) / Math.max(1, performance.now() - began.atMs),
        );
        const errors = bad - began.bad;
        return `${perSecond} ops/s, ${errors} errors${errors > 0 ? ` (last: ${lastError})` : ""}`;
      };
    },
    unwell(since, stableNs, now) {
      if (probes.size === 0) return "no probe is running (start: unique-writes)";
      for (const [name, probe] of probes) {
        if (probe.lastBad > now - stableNs) return `${name} fail: ${probe.lastError}`;
        if (probe.lastGood < since) return `no answer to ${name} yet`;
        if (probe.lastStall > now - stableNs) return `${name} stalled a moment ago`;
        const wasBad = probe.lastBadSent >= 0;
        if (wasBad && probe.lastGood - (probe.goodSince ?? Infinity) < LASTING_NS)
          return `${name} went well for too short a time`;
      }
      const waiting = [...open.values()].find(({ client }) => client === "probe");
      if (waiting && now - waiting.at > STALL_NS) return `${probeOf(waiting)} wait for an answer`;
      return undefined;
    },
  };
}

/** In the order in which they were sent, as the checker has them; answers come in another. */
function markRecovery(probe: Probe, sentAt: number, wentWell: boolean): void {
  if (wentWell) {
    if (sentAt > probe.lastBadSent) probe.goodSince = Math.min(probe.goodSince ?? Infinity, sentAt);
    return;
  }
  probe.lastBadSent = Math.max(probe.lastBadSent, sentAt);
  if (probe.goodSince !== undefined && probe.goodSince <= sentAt) probe.goodSince = undefined;
}
