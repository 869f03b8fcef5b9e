/** Whoever holds something for each bucket. */
export interface BucketHolder {
  /** Makes one bucket of each two. */
  halve(): void;
}

/**
 * Buckets of time of equal width, from 0 on, of which there are never more than so many: past the last one the width doubles, and whoever
 * holds something for each bucket is told to merge. So a run of any length takes the same room, and can be looked at while it goes on.
 */
export class TimeBuckets {
  /** At most so many. */
  readonly most: number;
  readonly #holders: BucketHolder[] = [];
  #widthMs: number;
  #count = 0;

  /** @param firstMs width at the beginning */
  constructor({ firstMs, most }: { readonly firstMs: number; readonly most: number }) {
    this.most = most;
    this.#widthMs = firstMs;
  }

  get widthMs(): number {
    return this.#widthMs;
  }

  /** Buckets in use: up to the last one in which there was something. */
  get count(): number {
    return this.#count;
  }

  /** The bucket of that time, after as many mergers as that takes. */
  indexOf(atMs: number): number {
    while (atMs / this.#widthMs >= this.most) {
      this.#widthMs *= 2;
      this.#count = Math.ceil(this.#count / 2);
      for (const holder of this.#holders) holder.halve();
    }
    const index = Math.max(0, Math.floor(atMs / this.#widthMs));
    this.#count = Math.max(this.#count, index + 1);
    return index;
  }

  share(holder: BucketHolder): void {
    this.#holders.push(holder);
  }
}

/** Of two neighbours one, for a list with one entry for each bucket. An entry that is missing holds nothing. */
export function halved<T>(entries: readonly (T | undefined)[], merge: (a: T, b: T) => T): (T | undefined)[] {
  return Array.from({ length: Math.ceil(entries.length / 2) }, (_, index) => {
    const [a, b] = [entries[2 * index], entries[2 * index + 1]];
    return a === undefined || b === undefined ? (a ?? b) : merge(a, b);
  });
}
