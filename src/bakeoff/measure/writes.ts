import type { Operation } from "../../history/operations.ts";
import type { BakeoffRun } from "../../model/bakeoff.ts";
import type { Lists, Run } from "./measure.ts";

/**
 * What was acknowledged so long before the fault has been replicated: on one machine that takes a millisecond. What comes so long
 * after it was not under way when it came.
 */
const AROUND_NS = 1e9;

type Fates = Pick<BakeoffRun, "writes" | "staleReads">;

/** What became of each write, by the lists at the end, in which each element says which call pushed it. */
export function fatesOf(run: Run): Fates {
  const writes = run.calls.filter(({ f }) => f === "write");
  const acknowledged = writes.filter(({ outcome }) => outcome === "ok");
  const { lists, faultsAt } = run;
  if (!lists) return { writes: { acknowledged: acknowledged.length, ...UNREAD }, staleReads: null };

  const copies = copiesIn(lists);
  const isThere = ({ value }: Operation) => copies.has(value ?? "");
  const lost = acknowledged.filter((write) => !isThere(write));
  const settled = ({ completedAt }: Operation) => completedAt !== undefined;
  const applied = writes.filter((write) => write.outcome !== "ok" && isThere(write));
  return {
    writes: {
      acknowledged: acknowledged.length,
      lost: lost.length,
      lostByClient: lost.filter(({ completedAt = 0 }) =>
        faultsAt.every((at) => Math.abs(completedAt - at) > AROUND_NS),
      ).length,
      rejectedApplied: applied.filter(settled).length,
      unsettledApplied: applied.filter((write) => !settled(write)).length,
      duplicated: [...copies.values()].filter((copy) => copy > 1).length,
    },
    staleReads: staleReads(run, acknowledged.filter(isThere)),
  };
}

const UNREAD = {
  lost: null,
  lostByClient: null,
  rejectedApplied: null,
  unsettledApplied: null,
  duplicated: null,
} as const;

/** How often each element is there. */
function copiesIn(lists: Lists): ReadonlyMap<string, number> {
  const copies = new Map<string, number>();
  for (const element of Object.values(lists).flat()) copies.set(element, (copies.get(element) ?? 0) + 1);
  return copies;
}

/**
 * Reads that found a list shorter than what had been acknowledged before they were made, of that which is still there: what is
 * lost is told as lost. An element that is there twice can hide a stale read, so there are at least so many.
 */
function staleReads({ calls }: Run, kept: readonly Operation[]): number {
  const byKey = new Map<string, number[]>();
  for (const { key, completedAt = Infinity } of kept)
    byKey.set(key, [...(byKey.get(key) ?? []), completedAt]);
  const isStale = ({ key, invokedAt, result }: Operation) =>
    (byKey.get(key) ?? []).filter((at) => at < invokedAt).length > Number(result);
  return calls.filter((call) => call.f === "read" && call.outcome === "ok" && isStale(call)).length;
}
