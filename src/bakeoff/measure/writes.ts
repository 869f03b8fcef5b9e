import type { Operation } from "../../history/operations.ts";
import type { BakeoffRun } from "../../model/bakeoff.ts";
import type { Lists, Run } from "./run-record.ts";

/**
 * What was acknowledged so long before a primary was hit has been replicated: on one machine that takes a millisecond. And so long after
 * another took over, a client can know of it.
 */
const AROUND_NS = 1e9;

type Fates = Pick<BakeoffRun, "writes" | "staleReads">;

/** What became of each write, by the lists at the end, in which each element says which call pushed it. */
export function fatesOf(run: Run): Fates {
  const writes = run.calls.filter(({ f }) => f === "write");
  const acknowledged = writes.filter(({ outcome }) => outcome === "ok");
  const { lists } = run;
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
      lostByClient: lost.filter((write) => !isServersLoss(run, write)).length,
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

/**
 * Replication is asynchronous: what a primary acknowledged and no replica had yet is gone with it, whatever the client does. That is so
 * from just before a fault until another took over, however long that primary went on meanwhile (a kill is in force a moment after it was
 * asked for; one that is cut off takes writes until it is replaced); and around each handover after that.
 */
function isServersLoss({ faultsAt, promotionsAt }: Run, { completedAt = 0 }: Operation): boolean {
  const isWithin = (from: number, to: number) =>
    completedAt >= from - AROUND_NS && completedAt <= to + AROUND_NS;
  const untilReplaced = (at: number, index: number) =>
    promotionsAt.find((promotedAt) => promotedAt > at && promotedAt <= (faultsAt[index + 1] ?? Infinity)) ??
    at;
  return (
    faultsAt.some((at, index) => isWithin(at, untilReplaced(at, index))) ||
    promotionsAt.some((at) => isWithin(at, at))
  );
}

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
