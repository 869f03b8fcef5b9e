/** Width of a bucket at the beginning. */
const FIRST_MS = 20;
/** A chart is about as many pixels wide. */
const MOST = 600;

/** Buckets of time of equal width, from 0 on. Past the last one the width doubles, and whoever holds a count for each is told to merge. */
export class TimeBuckets {
  #widthMs = FIRST_MS;
  #count = 0;
  readonly #holders: { halve(): void }[] = [];

  get widthMs(): number {
    return this.#widthMs;
  }

  /** Buckets in use: up to the last one in which there was something. */
  get count(): number {
    return this.#count;
  }

  indexOf(atMs: number): number {
    while (atMs / this.#widthMs >= MOST) {
      this.#widthMs *= 2;
      this.#count = Math.ceil(this.#count / 2);
      for (const holder of this.#holders) holder.halve();
    }
    const index = Math.max(0, Math.floor(atMs / this.#widthMs));
    this.#count = Math.max(this.#count, index + 1);
    return index;
  }

  /** `holder.halve` makes one bucket of each two. */
  share(holder: { halve(): void }): void {
    this.#holders.push(holder);
  }
}

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
      counts = new Float64Array(MOST);
      this.#named.set(name, counts);
    }
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }

  values(name: string): number[] {
    const counts = this.#named.get(name);
    return Array.from({ length: this.#buckets.count }, (_, bucket) => counts?.[bucket] ?? 0);
  }

  halve(): void {
    for (const counts of this.#named.values()) {
      for (let bucket = 0; bucket < MOST; bucket += 1) {
        counts[bucket] = (counts[2 * bucket] ?? 0) + (counts[2 * bucket + 1] ?? 0);
      }
    }
  }
}
