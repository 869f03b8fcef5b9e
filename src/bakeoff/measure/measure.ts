/*
 *   events of the run ─▶ calls ──┬─▶ outages, hangs, rejections
 *   lists at the end ────────────┼─▶ fates, duplicates, stale reads      ─▶ verdict with reasons
 *   what the process said ───────┼─▶ memory, processor, death
 *   what the servers counted ────┴─▶ connections, redirects
 */
import { shardOfKey } from "../../base/slots.ts";
import { operationsOf } from "../../history/operations.ts";
import { stallLength, stallsIn } from "../../history/stalls.ts";
import type { FaultEvent, HistoryEvent } from "../../model/event.ts";
import { observedIn, type StallData } from "../../model/observed.ts";
import { callsOf } from "./calls.ts";
import { featuresOf } from "./features.ts";
import { outagesOf } from "./outages.ts";
import { processOf } from "./process.ts";
import type { Measured, Run, RunRecord } from "./run-record.ts";
import { serversOf } from "./servers.ts";
import { judged } from "./verdict.ts";
import { fatesOf } from "./writes.ts";

/** Pure: the same record gives the same measures. */
export function measure(record: RunRecord): Measured {
  const run = runOf(record);
  const measures = {
    ...outagesOf(run),
    recovered: run.recovered ?? false,
    calls: callsOf(run),
    ...fatesOf(run),
    ...serversOf(run),
    ...processOf(run),
    features: featuresOf(run),
  };
  return { ...measures, ...judged(run, measures) };
}

function runOf(record: RunRecord): Run {
  const { events, plan } = record;
  const all = operationsOf({ events });
  const injected = events.filter(
    (event): event is FaultEvent => event.type === "fault" && event.phase === "inject",
  );
  const faults = injected.filter(({ id }) => id >= (record.since ?? 0));
  const faultAt = faults[0]?.at;
  const lost = faults.flatMap(({ primaries = [] }) => primaries);
  const shards = faults[0]?.shards ?? [];
  const promotionsAt = events
    .filter(
      (event) =>
        event.type === "topology" &&
        event.event === "role" &&
        event.to === "primary" &&
        !(injected.length === 1 && lost.includes(event.subject ?? "")),
    )
    .map(({ at }) => at)
    .filter((at) => injected[0] !== undefined && at > injected[0].at);
  const promotion = promotionsAt.find((at) => faultAt !== undefined && at > faultAt);
  const promotedAt =
    record.replaced === undefined || promotion === undefined
      ? undefined
      : Math.max(promotion, record.findableAt ?? 0);
  return {
    ...record,
    endAt: record.endAt ?? events.at(-1)?.at ?? 0,
    all,
    calls: all.filter(({ f }) => f === "write" || f === "read"),
    faultAt,
    faultsAt: injected.map(({ at }) => at),
    promotedAt,
    promotionsAt,
    secondFailover: record.replaced === true && switches(record) > injected.length,
    stalls: longStalls(events),
    servedAt: promotedAt ?? record.scenarioEndedAt,
    isHit: (key) => shards.length === 0 || shards.includes(shardOfKey(key, plan.shards) ?? -1),
  };
}

/** A shorter one changes no verdict: the limits are seconds. */
const LONG_NS = 1e9;

function longStalls(events: readonly HistoryEvent[]): StallData[] {
  const recorded = events.flatMap((event) => observedIn(event, "stall") ?? []);
  return stallsIn(recorded, []).filter((stall) => stallLength(stall) >= LONG_NS);
}

/** How often another node took over: by what Sentinels told of it, in a cluster as the nodes were seen. */
function switches({ events, plan }: RunRecord): number {
  if (plan.kind === "cluster") return becamePrimary(events);
  const told = events.flatMap((event) =>
    event.type === "topology" && event.detail?.startsWith("+switch-master ") ? event.detail : [],
  );
  return new Set(told).size; // each of them tells it
}

/**
 * How often a replica was seen to become primary. A node that was away may call itself one when it comes back, and is
 * none.
 */
function becamePrimary(events: readonly HistoryEvent[]): number {
  const replicas = new Set<string | undefined>();
  let count = 0;
  for (const event of events) {
    if (event.type !== "topology") continue;
    const { event: what, subject, to } = event;
    if (what === "reachable" && to === "no") replicas.delete(subject);
    if (what !== "role") continue;
    if (to === "replica") replicas.add(subject);
    else if (replicas.delete(subject)) count += 1;
  }
  return count;
}
