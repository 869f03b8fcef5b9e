const LEAST_MS = 0.05;
/** Each row reaches 8% further than the one before: a percentile is exact to that. */
const GROWTH = 1.08;
/** Up to about ten minutes. */
const ROWS = 212;

/** Latencies of one bucket of time, in rows of growing width. */
export class LatencyHistogram {
  readonly #rows = new Uint32Array(ROWS);
  #total = 0;

  add(latencyMs: number): void {
    const row = latencyMs <= LEAST_MS ? 0 : Math.ceil(Math.log(latencyMs / LEAST_MS) / Math.log(GROWTH));
    const index = Math.min(ROWS - 1, row);
    this.#rows[index] = (this.#rows[index] ?? 0) + 1;
    this.#total += 1;
  }

  /** The upper edge of the row that holds it, ms; `null`: there are none. */
  percentile(part: number): number | null {
    if (this.#total === 0) return null;
    let seen = 0;
    for (let row = 0; row < ROWS; row += 1) {
      seen += this.#rows[row] ?? 0;
      if (seen >= this.#total * part) return Math.round(LEAST_MS * GROWTH ** row * 1000) / 1000;
    }
    return null;
  }
}
