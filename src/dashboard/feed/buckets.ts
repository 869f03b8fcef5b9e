import { Histogram } from "../../base/histogram.ts";
import { halved, TimeBuckets } from "../../base/time-buckets.ts";
import type { LiveBucket } from "../../model/live-bucket.ts";
import type { Outcome } from "../../model/outcome.ts";

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
  /** In microseconds. */
  latencies: Histogram | undefined;
}

/** Operations over time, in buckets of which only those are told that have changed. */
export class LiveBuckets {
  readonly #time = new TimeBuckets({ firstMs: FIRST_MS, most: MOST });
  #buckets: (Bucket | undefined)[] = [];
  /** Those before it keep no latencies. */
  #closed = 0;
  readonly #changed = new Set<number>();

  constructor() {
    this.#time.share(this);
  }

  get widthMs(): number {
    return this.#time.widthMs;
  }

  /** @returns whether buckets were merged: all that was told before has changed */
  take(dueMs: number, outcome: Outcome, latencyMs: number, errorClass: string | undefined): boolean {
    const before = this.widthMs;
    const index = this.#time.indexOf(dueMs);
    this.#buckets[index] ??= emptyBucket();
    const bucket = this.#buckets[index];
    bucket[outcome] += 1;
    if (outcome === "ok") {
      bucket.maxMs = Math.max(bucket.maxMs ?? 0, Math.round(latencyMs * 1000) / 1000);
      bucket.latencies?.add(latencyMs * 1000);
    } else {
      bucket.errors ??= {};
      const name = `${errorClass ?? "no answer"} (${outcome === "fail" ? "failed" : "unknown"})`;
      const known = Object.hasOwn(bucket.errors, name) || Object.keys(bucket.errors).length < MOST_CLASSES;
      const counted = known ? name : "others";
      bucket.errors[counted] = (bucket.errors[counted] ?? 0) + 1;
    }
    this.#changed.add(index);
    return this.widthMs !== before;
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
      bucket.p50Ms = inMs(latencies.atShare(0.5));
      bucket.p99Ms = inMs(latencies.atShare(0.99));
    }
    const { ok, fail, info, p50Ms, p99Ms, maxMs, errors } = bucket;
    return [[index, ok, fail, info, p50Ms, p99Ms, maxMs, errors]];
  }

  /** Percentiles of what is long past are kept as numbers. */
  #closeOld(): void {
    const end = this.#buckets.length - OPEN_BUCKETS;
    for (; this.#closed < end; this.#closed += 1) {
      const bucket = this.#buckets[this.#closed];
      if (bucket !== undefined) bucket.latencies = undefined;
    }
  }

  /** The buckets were merged. */
  halve(): void {
    this.#buckets = halved(this.#buckets, mergedBucket);
    this.#closed = Math.floor(this.#closed / 2);
    this.#changed.clear();
  }
}

function emptyBucket(): Bucket {
  const latencies = new Histogram(2);
  return { ok: 0, fail: 0, info: 0, p50Ms: null, p99Ms: null, maxMs: null, errors: null, latencies };
}

/** Of two percentiles that are numbers only the higher one stands: what was slow must not be smoothed away. */
function mergedBucket(a: Bucket, b: Bucket): Bucket {
  if (a.latencies && b.latencies) a.latencies.merge(b.latencies);
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
    latencies: b.latencies && a.latencies,
  };
}

function higher(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function inMs(us: number | null): number | null {
  return us === null ? null : us / 1000;
}
