import { Histogram } from "../base/histogram.ts";
import { halved, type TimeBuckets } from "../base/time-buckets.ts";
import type { ReportLoad } from "../model/report-model.ts";

const DECADES = 5;
const ROWS_OF_A_DECADE = 5;

/** Edges of the heat map's rows: 0.1 ms to 10 s, five rows to a decade. */
export const HEAT_EDGES_MS: readonly number[] = Array.from(
  { length: DECADES * ROWS_OF_A_DECADE + 1 },
  (_, row) => Math.round(0.1 * 10 ** (row / ROWS_OF_A_DECADE) * 1000) / 1000,
);
const ROWS = HEAT_EDGES_MS.length - 1;

type Measures = Pick<ReportLoad["latency"], "p50Ms" | "p90Ms" | "p99Ms" | "maxMs" | "heat">;

interface Bucket {
  readonly histogram: Histogram;
  readonly rows: Uint32Array;
}

/** A histogram of latencies for each bucket of time, with two significant digits. */
export class LatencyBuckets {
  readonly #buckets: TimeBuckets;
  #measured: (Bucket | undefined)[] = [];

  constructor(buckets: TimeBuckets) {
    this.#buckets = buckets;
    buckets.share(this);
  }

  add(bucket: number, latencyMs: number): void {
    const measured = this.#measured[bucket] ?? { histogram: new Histogram(2), rows: new Uint32Array(ROWS) };
    this.#measured[bucket] = measured;
    measured.histogram.add(Math.max(1, latencyMs * 1000));
    const row = rowOf(latencyMs);
    measured.rows[row] = (measured.rows[row] ?? 0) + 1;
  }

  measures(): Measures {
    const all = Array.from({ length: this.#buckets.count }, (_, bucket) => this.#measured[bucket]);
    const at = (share: number) =>
      all.map((bucket) => (bucket ? digits(bucket.histogram.atShare(share)) : null));
    return {
      p50Ms: at(0.5),
      p90Ms: at(0.9),
      p99Ms: at(0.99),
      maxMs: all.map((bucket) => (bucket ? digits(bucket.histogram.max) : null)),
      heat: all.map((bucket) =>
        bucket ? [...bucket.rows].flatMap((count, row) => (count > 0 ? [row, count] : [])) : [],
      ),
    };
  }

  halve(): void {
    this.#measured = halved(this.#measured, merge);
  }
}

function merge(a: Bucket, b: Bucket): Bucket {
  a.histogram.merge(b.histogram);
  return { histogram: a.histogram, rows: a.rows.map((count, row) => count + (b.rows[row] ?? 0)) };
}

/** What is shorter than the first row stands in it, what is longer than the last one in that. */
function rowOf(latencyMs: number): number {
  const row = Math.floor(Math.log10(Math.max(latencyMs, 1e-6) / 0.1) * ROWS_OF_A_DECADE);
  return Math.min(ROWS - 1, Math.max(0, row));
}

/** Microseconds as milliseconds, to three significant digits. */
function digits(us: number | null): number | null {
  return us === null ? null : Number((us / 1000).toPrecision(3));
}
