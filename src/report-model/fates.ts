import { shardOfKey } from "../base/slots.ts";
import { countFates, type JudgedWrite } from "../check/fates.ts";
import type { ShardPlan } from "../model/plan.ts";
import type { Fate, ReportFailover, ReportFault, ReportModel } from "../model/report-model.ts";
import { ms } from "./time.ts";

/** A strip is about as many pixels wide: with fewer writes than that each has a place of its own. */
const COLUMNS = 600;
const WINDOWS = 12;
const NOTABLE = 400;
const BEFORE_MS = 2000;
const AFTER_MS = 2000;
const TOGETHER_MS = 500;
/** A strip is of no use if the moments around the fault are a sliver of it. */
const LONGEST_MS = 60_000;
/** Fates that nobody wants to meet, the worst first; the rest (`survived`, `absent`) are as they should be. */
const WORST: readonly Fate[] = ["phantom", "changed", "lost", "unknown", "recovered"];

interface Around {
  readonly faults: readonly ReportFault[];
  readonly failovers: readonly ReportFailover[];
  readonly shards: readonly ShardPlan[];
  readonly durationMs: number;
}

type FatesModel = ReportModel["fates"];

/** The fate of every write around every fault, and those that are worth a look one by one. */
export function fatesModel(writes: readonly JudgedWrite[], around: Around): FatesModel {
  const notable = writes
    .filter(({ fate }) => WORST.includes(fate))
    .toSorted((a, b) => WORST.indexOf(a.fate) - WORST.indexOf(b.fate));
  return {
    counts: Object.fromEntries(Object.entries(countFates(writes)).filter(([, count]) => count > 0)),
    windows: apart(around.faults)
      .slice(0, WINDOWS)
      .map((fault) => strip(writes, windowOf(fault, around), fault.id)),
    notable: notable.slice(0, NOTABLE).map((write) => told(write, around.shards)),
    omitted: Math.max(0, notable.length - NOTABLE),
  };
}

/** Of faults that come almost together the last has a strip, which shows them all. */
function apart(faults: readonly ReportFault[]): ReportFault[] {
  return faults.filter(
    ({ injectMs }, index) => (faults[index + 1]?.injectMs ?? Infinity) - injectMs >= TOGETHER_MS,
  );
}

/** From before the fault until after all that it led to, but not into the next fault. */
function windowOf(
  fault: ReportFault,
  { faults, failovers, durationMs }: Around,
): { fromMs: number; toMs: number } {
  const outages = failovers.find((failover) => failover.fault === fault.id)?.outages ?? [];
  const recoveries = outages.flatMap(({ intervals }) => intervals.map(({ toMs }) => toMs));
  const over = Math.max(fault.healedMs ?? fault.injectMs, ...recoveries) + AFTER_MS;
  const next = faults.find(({ injectMs }) => injectMs > fault.injectMs)?.injectMs ?? Infinity;
  const fromMs = Math.max(0, fault.injectMs - BEFORE_MS);
  return { fromMs, toMs: Math.min(over, next, durationMs, fromMs + LONGEST_MS) };
}

/** A write stands where it ended: an acknowledgement is a promise from then on. One that never ended stands where it was sent. */
function strip(
  writes: readonly JudgedWrite[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
  fault: number,
): FatesModel["windows"][number] {
  const columnMs = Math.max(0.1, (toMs - fromMs) / COLUMNS);
  const columns: Partial<Record<Fate, number[]>> = {};
  for (const { fate, operation } of writes) {
    const atMs = (operation.completedAt ?? operation.invokedAt) / 1e6;
    if (atMs < fromMs || atMs >= toMs) continue;
    columns[fate] ??= new Array<number>(COLUMNS).fill(0);
    const column = Math.min(COLUMNS - 1, Math.floor((atMs - fromMs) / columnMs));
    columns[fate][column] = (columns[fate][column] ?? 0) + 1;
  }
  return { fault, fromMs, columnMs, columns };
}

function told(
  { fate, operation, nextLossAt, replicated }: JudgedWrite,
  shards: readonly ShardPlan[],
): FatesModel["notable"][number] {
  const { key, invokedAt, completedAt, outcome } = operation;
  const acknowledged = outcome === "ok" && completedAt !== undefined;
  return {
    fate,
    key,
    sentMs: ms(invokedAt),
    endedMs: completedAt === undefined ? null : ms(completedAt),
    beforeFaultMs: acknowledged && nextLossAt !== undefined ? ms(nextLossAt - completedAt) : null,
    replicated: acknowledged && replicated,
    by: operation.node ?? null,
    shard: shardOfKey(key, shards) ?? null,
  };
}
