import { ERROR_LOOKS, type Series } from "../../../report/html/page/logic/load-series.ts";
import type { Session } from "../store.ts";
import type { LivePanelProps } from "../view.ts";

/** About as many as a chart is pixels wide, halved. */
const MOST_POINTS = 480;

/** One point of the charts: one bucket, or several together. */
interface Point {
  readonly atMs: number;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  readonly errors: Readonly<Record<string, number>>;
}

export interface LiveSeries {
  readonly times: readonly number[];
  readonly throughput: readonly Series[];
  readonly latency: readonly Series[];
  readonly errors: readonly Series[];
}

/**
 * What the charts draw of that stretch of time. The bucket that is being filled is left out: it would look like a fall.
 */
export function seriesOf(session: Session, { fromMs, toMs }: LivePanelProps["range"]): LiveSeries {
  const { bucketMs, nowMs } = session;
  const first = Math.max(0, Math.floor(fromMs / bucketMs) - 1);
  const end = Math.min(Math.ceil(toMs / bucketMs) + 1, Math.floor(nowMs / bucketMs));
  const width = Math.max(1, Math.ceil((end - first) / MOST_POINTS));
  const points: Point[] = [];
  // Beginning at a multiple of the width, so that points do not change as the time goes on.
  for (let from = first - (first % width); from < end; from += width)
    points.push(pointOf(session, from, Math.min(end, from + width)));
  const perSecond = (count: number) => Math.round((count * 10_000) / (width * bucketMs)) / 10;
  const line = (read: (point: Point) => number | null) => points.map(read);
  const classes = [...new Set(points.flatMap(({ errors }) => Object.keys(errors)))].sort();
  return {
    times: line(({ atMs }) => atMs) as number[],
    throughput: [
      { label: "ok", colour: "good", fill: true, values: line(({ ok }) => perSecond(ok)) },
      { label: "failed", colour: "bad", dash: [6, 3], values: line(({ fail }) => perSecond(fail)) },
      { label: "unknown", colour: "doubt", dash: [2, 2], values: line(({ info }) => perSecond(info)) },
    ],
    latency: [
      { label: "50%", colour: "good", values: line(({ p50Ms }) => p50Ms) },
      { label: "99%", colour: "strong", dash: [2, 2], values: line(({ p99Ms }) => p99Ms) },
      { label: "longest", colour: "bad", dash: [8, 3, 2, 3], values: line(({ maxMs }) => maxMs) },
    ],
    errors: classes.map((name, index) => ({
      label: name,
      values: line(({ errors }) => perSecond(errors[name] ?? 0)),
      ...(ERROR_LOOKS[Math.min(index, ERROR_LOOKS.length - 1)] as (typeof ERROR_LOOKS)[number]),
    })),
  };
}

function pointOf({ buckets, bucketMs }: Session, from: number, to: number): Point {
  const sum = { ok: 0, fail: 0, info: 0 };
  const highest = { p50Ms: null, p99Ms: null, maxMs: null } as Record<
    "p50Ms" | "p99Ms" | "maxMs",
    number | null
  >;
  const errors: Record<string, number> = {};
  for (let index = from; index < to; index += 1) {
    const bucket = buckets[index];
    if (bucket === undefined) continue;
    const [, ok, fail, info, p50Ms, p99Ms, maxMs, classes] = bucket;
    sum.ok += ok;
    sum.fail += fail;
    sum.info += info;
    highest.p50Ms = higher(highest.p50Ms, p50Ms);
    highest.p99Ms = higher(highest.p99Ms, p99Ms);
    highest.maxMs = higher(highest.maxMs, maxMs);
    for (const [name, count] of Object.entries(classes ?? {})) errors[name] = (errors[name] ?? 0) + count;
  }
  return { atMs: ((from + to) / 2) * bucketMs, ...sum, ...highest, errors };
}

function higher(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** What the last whole second before a moment was like. */
export function rateAt({ buckets, bucketMs }: Session, atMs: number) {
  const end = Math.floor(atMs / bucketMs);
  const count = Math.max(1, Math.round(1000 / bucketMs));
  const inside = buckets.slice(Math.max(0, end - count), end).filter((bucket) => bucket !== undefined);
  const sum = (read: (bucket: NonNullable<(typeof buckets)[number]>) => number) =>
    inside.reduce((total, bucket) => total + read(bucket), 0);
  const scale = 1000 / (count * bucketMs);
  const p99 = inside.map((bucket) => bucket[5]).filter((ms) => ms !== null);
  return {
    okPerSecond: Math.round(sum((bucket) => bucket[1]) * scale),
    badPerSecond: Math.round(sum((bucket) => bucket[2] + bucket[3]) * scale),
    p99Ms: p99.length > 0 ? Math.max(...p99) : null,
  };
}
