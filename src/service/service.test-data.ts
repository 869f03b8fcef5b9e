import type { HistoryEvent } from "../model/event.ts";
import type { Outcome } from "../model/outcome.ts";
import type { ShardPlan } from "../model/plan.ts";
import type { Asked } from "./operation.ts";
import type { OutageInterval } from "./outage-interval.ts";
import { Service } from "./service.ts";

export const S = 1e9;
export const MS = 1e6;

/** A service by hand, fed with one operation after the other; times in ns. */
export function servedBy(shards: readonly ShardPlan[] = []) {
  const outages: OutageInterval[] = [];
  const service = new Service(shards, (_, outage) => outages.push(outage));
  let op = 0;
  const run = (
    sentAt: number,
    outcome: Outcome | "open",
    endedAt = sentAt + MS,
    { key = "k", f = "write", client = "probe" } = {},
  ) => {
    op += 1;
    service.take({ type: "invoke", at: sentAt, op, client, workload: "unique-writes", f, key, due: sentAt });
    if (outcome === "open") return;
    const error = outcome === "ok" ? undefined : { class: "READONLY", message: "READONLY" };
    service.take({ type: outcome, at: endedAt, op, error });
  };
  /** Why it is not well at that time, after a look at what waits. */
  const unwell = (since: number, now: number) => {
    service.look(now);
    return service.unwell(since, now) ?? service.waiting(now);
  };
  return { service, outages, run, unwell };
}

/** The events of operations as a history has them: in the order of time. */
export function eventsOf(operations: readonly Asked[]): HistoryEvent[] {
  const about = { client: "probe", workload: "unique-writes", f: "write", key: "k" } as const;
  return operations
    .flatMap(({ invokedAt, due, completedAt, outcome }, n): HistoryEvent[] => {
      const op = n + 1;
      const invoke: HistoryEvent = { type: "invoke", at: invokedAt, op, ...about, due };
      return completedAt === undefined ? [invoke] : [invoke, { type: outcome, at: completedAt, op }];
    })
    .sort((a, b) => a.at - b.at);
}
