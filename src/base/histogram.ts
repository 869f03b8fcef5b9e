/*
 *   value   0 … 2047   2048 … 4095   4096 … 8191   …        (three digits)
 *   rows    1 wide     2 wide        4 wide        …        so a row is never wider than a thousandth of what it holds
 */

/**
 * Counts whole numbers in rows whose width grows with the value, as HdrHistogram lays them out (http://hdrhistogram.org): any number of
 * values in little room, each known to so many significant digits. Histograms of the same digits can be added up. The largest value is
 * exact, and no percentile is above it.
 */
export class Histogram {
  readonly #digits: 2 | 3;
  /** Rows of the first power of two: each later one takes half as many. A power of two itself. */
  readonly #half: number;
  readonly #halfBits: number;
  readonly #counts: number[] = [];
  #total = 0;
  #max = 0;

  constructor(significantDigits: 2 | 3) {
    this.#digits = significantDigits;
    this.#halfBits = Math.ceil(Math.log2(2 * 10 ** significantDigits)) - 1;
    this.#half = 2 ** this.#halfBits;
  }

  get total(): number {
    return this.#total;
  }

  /** The largest value; 0 if there is none. */
  get max(): number {
    return this.#max;
  }

  /** @param value 0 or more; what is no whole number is rounded */
  add(value: number): void {
    const whole = Math.max(0, Math.round(value));
    const row = this.#rowOf(whole);
    while (this.#counts.length <= row) this.#counts.push(0); // no holes: they make an array slow
    this.#counts[row] = (this.#counts[row] as number) + 1;
    this.#total += 1;
    if (whole > this.#max) this.#max = whole;
  }

  /** Adds what another one of the same digits holds. */
  merge(other: Histogram): void {
    if (other.#digits !== this.#digits) throw new RangeError("histograms of different digits");
    for (const [row, count] of other.#counts.entries()) this.#counts[row] = (this.#counts[row] ?? 0) + count;
    this.#total += other.#total;
    this.#max = Math.max(this.#max, other.#max);
  }

  /**
   * What this share of the values does not exceed: the upper edge of the row, so never too low; `null` if there are none.
   *
   * @param share 0 to 1
   */
  atShare(share: number): number | null {
    const row = rowAtShare(this.#counts, this.#total, share);
    return row === undefined ? null : Math.min(this.#max, this.#upperEdge(row));
  }

  #rowOf(value: number): number {
    const doublings = Math.max(0, powerOfTwo(value) - this.#halfBits);
    return doublings * this.#half + Math.floor(value / 2 ** doublings);
  }

  #upperEdge(row: number): number {
    const doublings = Math.max(0, Math.floor(row / this.#half) - 1);
    return (row - doublings * this.#half + 1) * 2 ** doublings - 1;
  }
}

/** The number of the first row by which that share of a total is reached; undefined: there is nothing to be counted. */
export function rowAtShare(counts: readonly number[], total: number, share: number): number | undefined {
  // A product such as 0.999 * 1000 may come out a hair above the whole number that it is.
  const wanted = Math.max(1, Math.ceil(total * Math.min(1, share) * (1 - Number.EPSILON)));
  let seen = 0;
  for (const [row, count] of counts.entries()) {
    seen += count;
    if (seen >= wanted) return row;
  }
  return undefined;
}

/** The greatest n for which 2^n is no more than the value; 0 for 0. */
function powerOfTwo(value: number): number {
  return value < 2 ** 31 ? 31 - Math.clz32(value | 1) : Math.floor(Math.log2(value));
}
