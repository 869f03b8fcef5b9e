import type { TimeBuckets } from "../base/time-buckets.ts";

/** Counts by name, one for each bucket. */
export class Columns {
  readonly #buckets: TimeBuckets;
  readonly #named = new Map<string, Float64Array>();

  constructor(buckets: TimeBuckets) {
    this.#buckets = buckets;
    buckets.share(this);
  }

  get names(): string[] {
    return [...this.#named.keys()];
  }

  add(name: string, bucket: number): void {
    let counts = this.#named.get(name);
    if (counts === undefined) {
      counts = new Float64Array(this.#buckets.most);
      this.#named.set(name, counts);
    }
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }

  values(name: string): number[] {
    const counts = this.#named.get(name);
    return Array.from({ length: this.#buckets.count }, (_, bucket) => counts?.[bucket] ?? 0);
  }

  halve(): void {
    const { most } = this.#buckets;
    for (const counts of this.#named.values()) {
      for (let bucket = 0; bucket < most; bucket += 1) {
        counts[bucket] = (counts[2 * bucket] ?? 0) + (counts[2 * bucket + 1] ?? 0);
      }
    }
  }
}
