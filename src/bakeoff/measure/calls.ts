import type { Operation } from "../../history/operations.ts";
import type { BakeoffRun } from "../../model/bakeoff.ts";
import type { Run } from "./run-record.ts";

/** A call that lasts so long after the servers could serve it hangs by the client's doing. Faults are held for 8 s after that. */
const HUNG_NS = 6.5e9;
/** One that has not ended for so long, though the servers could serve it, is taken never to end. */
const NEVER_NS = 7.5e9;

/** How the calls of the probe ended. */
export function callsOf(run: Run): BakeoffRun["calls"] {
  const { calls, endAt } = run;
  const settled = calls.filter(({ completedAt }) => completedAt !== undefined);
  const rejected = settled.filter(({ outcome }) => outcome !== "ok");
  const longestNs = Math.max(0, ...calls.map((call) => (call.completedAt ?? endAt) - call.invokedAt));
  return {
    total: calls.length,
    ok: settled.length - rejected.length,
    rejected: countBy(rejected, ({ error }) => error?.class ?? "UNKNOWN"),
    hung: settled.filter((call) => lastedOn(run, call) > HUNG_NS).length,
    longestMs: Math.round(longestNs / 1e6),
    unsettled: calls.filter((call) => isUnsettled(run, call)).length,
  };
}

/** It neither resolved nor rejected, and it is not that its process ended before it could. */
export function isUnsettled(run: Run, call: Operation): boolean {
  return call.completedAt === undefined && run.exit === undefined && lastedOn(run, call) > NEVER_NS;
}

/** How long it went on after the servers could serve it, ns. */
function lastedOn({ servedAt, endAt }: Run, { invokedAt, completedAt = endAt }: Operation): number {
  return servedAt === undefined ? 0 : completedAt - Math.max(invokedAt, servedAt);
}

/** How many there are of each name, the most frequent first. */
export function countBy<T>(all: readonly T[], nameOf: (one: T) => string): Record<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(nameOf(one), (counts.get(nameOf(one)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}
