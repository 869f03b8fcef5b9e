import { rowAtShare } from "../../../../base/histogram.ts";
import type { ReportLoad, ReportModel } from "../../../../model/report-model.ts";

/** One line of a chart. */
export interface Series {
  readonly label: string;
  /** One of the page's colours. */
  readonly colour: "good" | "bad" | "doubt" | "alt" | "strong" | "faint";
  readonly dash?: readonly number[];
  readonly fill?: boolean;
  readonly values: readonly (number | null)[];
}

/** The middle of each bucket, in ms. */
export function bucketTimes({ bucketMs, writes }: ReportLoad): number[] {
  return writes.ok.map((_, bucket) => (bucket + 0.5) * bucketMs);
}

/** Operations per second: how many ended well, surely failed, or ended nobody knows how. */
export function throughput(load: ReportLoad): Series[] {
  const kinds = [load.writes, load.reads, load.others];
  const perSecond = (outcome: "ok" | "fail" | "info") =>
    kinds[0]?.[outcome].map((_, bucket) =>
      rate(
        kinds.map((kind) => kind[outcome][bucket] ?? 0),
        load.bucketMs,
      ),
    ) ?? [];
  return [
    { label: "ok", colour: "good", fill: true, values: perSecond("ok") },
    { label: "failed", colour: "bad", dash: [6, 3], values: perSecond("fail") },
    { label: "unknown", colour: "doubt", dash: [2, 2], values: perSecond("info") },
  ];
}

/** A burst, of a workload that sends as fast as it can, must not make everything else a line on the ground. */
const BURST = 2;
const COMMON_SHARE = 0.97;

/** Where a chart of these is better cut off; `undefined`: nowhere. */
export function cutOf(series: readonly Series[]): number | undefined {
  const tops =
    series[0]?.values.map((_, at) => Math.max(0, ...series.map(({ values }) => values[at] ?? 0))) ?? [];
  const sorted = tops.filter((top) => top > 0).sort((a, b) => a - b);
  const common = sorted[Math.floor((sorted.length - 1) * COMMON_SHARE)] ?? 0;
  const most = sorted.at(-1) ?? 0;
  return common > 0 && most > common * BURST ? Math.ceil(common * 1.25) : undefined;
}

export function latencies({ latency }: ReportLoad): Series[] {
  return [
    { label: "50%", colour: "good", values: latency.p50Ms },
    { label: "90%", colour: "alt", dash: [6, 3], values: latency.p90Ms },
    { label: "99%", colour: "strong", dash: [2, 2], values: latency.p99Ms },
    { label: "longest", colour: "bad", dash: [8, 3, 2, 3], values: latency.maxMs },
  ];
}

/** Lines of errors, each told from the others by more than its colour. */
export const ERROR_LOOKS = [
  { colour: "bad" },
  { colour: "strong", dash: [6, 3] },
  { colour: "alt", dash: [2, 2] },
  { colour: "doubt", dash: [8, 3, 2, 3] },
  { colour: "good", dash: [1, 3] },
  { colour: "faint" },
] as const;

/** Errors per second, by class. */
export function errors(load: ReportLoad): Series[] {
  return load.errors.map(({ class: name, outcome, counts }, index) => ({
    label: `${name} (${outcome === "fail" ? "failed" : "unknown"})`,
    values: counts.map((count) => rate([count], load.bucketMs)),
    ...(ERROR_LOOKS[Math.min(index, ERROR_LOOKS.length - 1)] as (typeof ERROR_LOOKS)[number]),
  }));
}

/** A row of figures for a stretch of time. */
export interface Figures {
  readonly name: string;
  readonly okPerSecond: number;
  readonly bad: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** The load in numbers: before the first fault, while faults were in force or disrupted the service, and after. */
export function figuresOf(model: ReportModel): Figures[] {
  const first = model.faults[0]?.injectMs;
  if (first === undefined) return [figures("the whole run", model.load, 0, model.durationMs)];
  const ends = model.failovers.flatMap(({ outages }) =>
    outages.flatMap(({ intervals }) => intervals.map(({ toMs }) => toMs)),
  );
  const healed = model.faults.map(({ healedMs, injectMs }) => healedMs ?? injectMs);
  const over = Math.max(first, ...(ends.length > 0 ? ends : healed));
  return [
    figures("before the first fault", model.load, 0, first),
    figures("from the first fault to the last recovery", model.load, first, over),
    figures("after that", model.load, over, model.durationMs),
  ];
}

function figures(name: string, load: ReportLoad, fromMs: number, toMs: number): Figures {
  const inside = bucketTimes(load).flatMap((ms, bucket) => (ms >= fromMs && ms < toMs ? [bucket] : []));
  const kinds = [load.writes, load.reads, load.others];
  const total = (outcome: "ok" | "fail" | "info") =>
    inside.reduce(
      (sum, bucket) => sum + kinds.reduce((part, kind) => part + (kind[outcome][bucket] ?? 0), 0),
      0,
    );
  return {
    name,
    okPerSecond: toMs > fromMs ? rate([total("ok")], toMs - fromMs) : 0,
    bad: total("fail") + total("info"),
    p50Ms: fromHeat(load, inside, 0.5),
    p99Ms: fromHeat(load, inside, 0.99),
  };
}

/** A percentile of many buckets, from the heat map: the upper edge of the row that it falls into, but no more than the longest. */
function fromHeat({ latency }: ReportLoad, buckets: readonly number[], share: number): number | null {
  const rows = latency.edgesMs.map(() => 0);
  for (const bucket of buckets) {
    const cells = latency.heat[bucket] ?? [];
    for (let at = 0; at < cells.length; at += 2) {
      const row = cells[at] ?? 0;
      rows[row] = (rows[row] ?? 0) + (cells[at + 1] ?? 0);
    }
  }
  const total = rows.reduce((sum, count) => sum + count, 0);
  const row = rowAtShare(rows, total, share);
  const edge = row === undefined ? undefined : latency.edgesMs[row + 1];
  if (edge === undefined) return null;
  return Math.min(edge, Math.max(...buckets.map((bucket) => latency.maxMs[bucket] ?? 0)));
}

function rate(counts: readonly number[], ms: number): number {
  return Math.round((counts.reduce((sum, count) => sum + count, 0) / ms) * 10_000) / 10;
}
