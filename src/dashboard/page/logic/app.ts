import type { LiveLife } from "../../../model/live-app.ts";
import type { LiveBucket } from "../../../model/live-bucket.ts";
import type { Series } from "../../../report/html/page/logic/load-series.ts";
import { clock } from "../parts/clock.ts";
import type { KnownProbe, Session } from "../store.ts";
import type { LivePanelProps } from "../view.ts";

/** An answer that is waited for longer than that is one that hangs. */
const HANGS_MS = 1000;
const SECOND_MS = 1000;
/** A chart is about as many pixels wide, halved. */
const MOST_POINTS = 300;

/** Of a probe that is sent often, so many of its buckets hold something. */
const OFTEN = 0.9;

/** How a probe went at one moment. */
export interface ProbeAt {
  readonly name: string;
  /** `unasked`: it has not been answered yet, nor does it wait for long. */
  readonly state: "well" | "failing" | "hanging" | "unasked";
  readonly words: string;
  readonly okPerSecond: number;
  readonly badPerSecond: number;
  readonly p99Ms: number | null;
}

/** How every probe went at that moment; `now`: what waits for an answer counts as well. */
export function probesAt({ app, nowMs }: Session, atMs: number): ProbeAt[] {
  return [...app.probes].map(([name, probe]) => probeAt(name, probe, atMs, atMs >= nowMs));
}

function probeAt(name: string, probe: KnownProbe, atMs: number, isNow: boolean): ProbeAt {
  const { bucketMs, buckets, waitingSinceMs } = probe;
  const end = Math.floor(atMs / bucketMs);
  const told = buckets.slice(0, end + 1);
  const last = told.findLast((bucket) => bucket !== undefined);
  const lastOk = told.findLast((bucket) => bucket !== undefined && bucket[1] > 0);
  const inside = told.slice(-Math.max(1, Math.ceil(SECOND_MS / bucketMs))).filter((one) => one !== undefined);
  const perSecond = (read: (bucket: LiveBucket) => number) => inside.reduce((sum, one) => sum + read(one), 0);
  const p99 = inside.map((bucket) => bucket[5]).filter((ms) => ms !== null);
  const since =
    lastOk === undefined ? "no success yet" : `no success since ${clock((lastOk[0] + 1) * bucketMs)}`;
  const about = {
    name,
    okPerSecond: perSecond((bucket) => bucket[1]),
    badPerSecond: perSecond((bucket) => bucket[2] + bucket[3]),
    p99Ms: p99.length > 0 ? Math.max(...p99) : null,
  };
  if (
    isNow &&
    waitingSinceMs !== null &&
    atMs - waitingSinceMs > HANGS_MS &&
    !isSince(lastOk, bucketMs, waitingSinceMs)
  )
    return { ...about, state: "hanging", words: `waits for an answer; ${since}` };
  if (last === undefined) return { ...about, state: "unasked", words: "not answered yet" };
  if (last[2] + last[3] === 0) return { ...about, state: "well", words: "ok" };
  const [error = "fails"] = Object.entries(last[7] ?? {}).toSorted(([, a], [, b]) => b - a)[0] ?? [];
  return { ...about, state: "failing", words: last[1] > 0 ? `${error}, in part` : `${error}; ${since}` };
}

/** A success was sent after that moment. */
function isSince(bucket: LiveBucket | undefined, bucketMs: number, ms: number): boolean {
  return bucket !== undefined && bucket[0] * bucketMs > ms;
}

/** How an instance was at one moment. */
export interface InstanceAt {
  readonly name: string;
  /** What happened to it last; `undefined`: nothing had been told. */
  readonly last: LiveLife | undefined;
  readonly memoryBytes: number | null;
}

/** How every instance was at that moment, those too of which only their memory is known. */
export function instancesAt({ app }: Session, atMs: number): InstanceAt[] {
  const names = [
    ...new Set([...app.life.map(({ instance }) => instance), ...app.memory.map(([, name]) => name)]),
  ];
  return names
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .map((name) => ({
      name,
      last: app.life.findLast((one) => one.instance === name && one.atMs <= atMs),
      memoryBytes: app.memory.findLast(([ms, of]) => of === name && ms <= atMs)?.[2] ?? null,
    }));
}

/** Of a probe, what its chart draws of that stretch of time. */
export function probeSeries(
  { bucketMs, buckets }: KnownProbe,
  { fromMs, toMs }: LivePanelProps["range"],
  nowMs: number,
): { times: number[]; series: Series[] } {
  const first = Math.max(0, Math.floor(fromMs / bucketMs) - 1);
  const end = Math.max(first, Math.min(Math.ceil(toMs / bucketMs) + 1, Math.floor(nowMs / bucketMs)));
  const width = Math.max(widthFor(buckets.slice(first, end)), Math.ceil((end - first) / MOST_POINTS));
  const starts: number[] = [];
  // Beginning at a multiple of the width, so that points do not change as the time goes on.
  for (let from = first - (first % width); from < end; from += width) starts.push(from);
  const rate = (read: (bucket: LiveBucket) => number) =>
    starts.map((from) => {
      const inside = buckets.slice(from, from + width).filter((bucket) => bucket !== undefined);
      const count = inside.reduce((sum, bucket) => sum + read(bucket), 0);
      return Math.round((count * 10_000) / (width * bucketMs)) / 10;
    });
  return {
    times: starts.map((from) => (from + width / 2) * bucketMs),
    series: [
      { label: "ok", colour: "good", fill: true, values: rate((bucket) => bucket[1]) },
      { label: "failed", colour: "bad", dash: [6, 3], values: rate((bucket) => bucket[2]) },
      { label: "unknown", colour: "doubt", dash: [2, 2], values: rate((bucket) => bucket[3]) },
    ],
  };
}

/** So many buckets together that each of them holds something, however seldom a probe is sent. */
function widthFor(buckets: KnownProbe["buckets"]): number {
  const from = buckets.findIndex((bucket) => bucket !== undefined);
  const used = buckets.slice(Math.max(0, from));
  const full = used.filter((bucket) => bucket !== undefined).length;
  return full === 0 || full > used.length * OFTEN ? 1 : Math.ceil((2 * used.length) / full);
}
