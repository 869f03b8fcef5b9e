import type { LiveBucket } from "../../model/live.ts";
import type { Outcome } from "../../model/outcome.ts";
import { LatencyHistogram } from "./latency-histogram.ts";

/** Width at the beginning: four values a second move smoothly enough, and hold enough operations for a percentile. */
const FIRST_MS = 250;
/** At most so many; past the last, each two become one. 20 minutes at the first width. */
const MOST = 4800;
/** Percentiles of a bucket change for so long: an operation ends in the bucket in which it was due, later. */
const OPEN_BUCKETS = 80;
/** Classes of errors of their own in a bucket; the rest are counted together. */
const MOST_CLASSES = 8;

interface Bucket {
  ok: number;
  fail: number;
  info: number;
  p50Ms: number | null;
  p99Ms: number | null;
  maxMs: number | null;
  errors: Record<string, number> | null;
  latencies: LatencyHistogram | undefined;
}

/** Operations over time, in buckets of which only those are told that have changed. */
export class LiveBuckets {
  #widthMs = FIRST_MS;
  #buckets: (Bucket | undefined)[] = [];
  /** Those before it keep no latencies. */
  #closed = 0;
  readonly #changed = new Set<number>();

  get widthMs(): number {
    return this.#widthMs;
  }

  /** @returns whether buckets were merged: all that was told before has changed */
  take(dueMs: number, outcome: Outcome, latencyMs: number, errorClass: string | undefined): boolean {
    let merged = false;
    while (dueMs / this.#widthMs >= MOST) {
      this.#merge();
      merged = true;
    }
    const index = Math.max(0, Math.floor(dueMs / this.#widthMs));
    this.#buckets[index] ??= emptyBucket();
    const bucket = this.#buckets[index];
    bucket[outcome] += 1;
    if (outcome === "ok") {
      bucket.maxMs = Math.max(bucket.maxMs ?? 0, latencyMs);
      bucket.latencies?.add(latencyMs);
    } else {
      bucket.errors ??= {};
      const name = `${errorClass ?? "no answer"} (${outcome === "fail" ? "failed" : "unknown"})`;
      const known = Object.hasOwn(bucket.errors, name) || Object.keys(bucket.errors).length < MOST_CLASSES;
      const counted = known ? name : "others";
      bucket.errors[counted] = (bucket.errors[counted] ?? 0) + 1;
    }
    this.#changed.add(index);
    return merged;
  }

  /** The buckets that have changed since this was asked last. */
  changed(): LiveBucket[] {
    const told = [...this.#changed].sort((a, b) => a - b).flatMap((index) => this.#told(index));
    this.#changed.clear();
    this.#closeOld();
    return told;
  }

  all(): LiveBucket[] {
    return this.#buckets.flatMap((_, index) => this.#told(index));
  }

  #told(index: number): LiveBucket[] {
    const bucket = this.#buckets[index];
    if (bucket === undefined) return [];
    const { latencies } = bucket;
    if (latencies !== undefined) {
      bucket.p50Ms = latencies.percentile(0.5);
      bucket.p99Ms = latencies.percentile(0.99);
    }
    const { ok, fail, info, p50Ms, p99Ms, maxMs, errors } = bucket;
    return [[index, ok, fail, info, p50Ms, p99Ms, rounded(maxMs), errors]];
  }

  /** Percentiles of what is long past are kept as numbers. */
  #closeOld(): void {
    const end = this.#buckets.length - OPEN_BUCKETS;
    for (; this.#closed < end; this.#closed += 1) {
      const bucket = this.#buckets[this.#closed];
      if (bucket !== undefined) bucket.latencies = undefined;
    }
  }

  #merge(): void {
    this.#widthMs *= 2;
    const before = this.#buckets;
    this.#buckets = Array.from({ length: Math.ceil(before.length / 2) }, (_, index) =>
      mergedBucket(before[2 * index], before[2 * index + 1]),
    );
    this.#closed = this.#buckets.length; // the last one, merged, too
    this.#changed.clear();
  }
}

function emptyBucket(): Bucket {
  const latencies = new LatencyHistogram();
  return { ok: 0, fail: 0, info: 0, p50Ms: null, p99Ms: null, maxMs: null, errors: null, latencies };
}

/** Of two percentiles the higher one stands: what was slow must not be smoothed away. */
function mergedBucket(a: Bucket | undefined, b: Bucket | undefined): Bucket | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const errors = { ...a.errors };
  for (const [name, count] of Object.entries(b.errors ?? {})) errors[name] = (errors[name] ?? 0) + count;
  return {
    ok: a.ok + b.ok,
    fail: a.fail + b.fail,
    info: a.info + b.info,
    p50Ms: higher(a.p50Ms, b.p50Ms),
    p99Ms: higher(a.p99Ms, b.p99Ms),
    maxMs: higher(a.maxMs, b.maxMs),
    errors: Object.keys(errors).length > 0 ? errors : null,
    latencies: undefined,
  };
}

function higher(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 100) / 100;
}
