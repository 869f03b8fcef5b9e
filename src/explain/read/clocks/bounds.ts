/*
 * That one event led to another says: the clock of the second can be ahead of the clock of the first by no more than
 * the difference of
 * their times. Such bounds chain, so each pair of clocks has a least and a greatest difference: shortest paths. A cycle
 * that adds up to
 * less than nothing is a contradiction.
 */

/** Greatest differences of clocks, each chained over all others. */
export class Bounds {
  readonly #size: number;
  readonly #most: Float64Array;
  /** The node that a chain goes through; -1: it is one bound. */
  readonly #through: Int32Array;
  /** The bound itself, by its number; -1: there is none. */
  readonly #reason: Int32Array;

  constructor(size: number, from?: Bounds) {
    this.#size = size;
    this.#most = from ? from.#most.slice() : new Float64Array(size * size).fill(Infinity);
    this.#through = from ? from.#through.slice() : new Int32Array(size * size).fill(-1);
    this.#reason = from ? from.#reason.slice() : new Int32Array(size * size).fill(-1);
    for (let node = 0; node < size; node += 1) this.#most[node * size + node] = 0;
  }

  copy(): Bounds {
    return new Bounds(this.#size, this);
  }

  /** By how much the clock of `to` can be ahead of that of `from` at most. */
  most(from: number, to: number): number {
    return this.#most[from * this.#size + to] as number;
  }

  /** By how much it is ahead at least. */
  least(from: number, to: number): number {
    return -this.most(to, from);
  }

  /** How far a further bound would contradict those that hold; 0: it does not. */
  excess(from: number, to: number, mostMs: number): number {
    return Math.max(0, -(mostMs + this.most(to, from)));
  }

  /** Adds a bound that contradicts none. */
  add(from: number, to: number, mostMs: number, reason = -1): void {
    if (mostMs >= this.most(from, to)) return;
    const size = this.#size;
    this.#set(from, to, mostMs, -1, reason);
    for (let a = 0; a < size; a += 1) {
      const before = a === from ? 0 : this.most(a, from);
      if (before === Infinity) continue;
      if (before + mostMs < this.most(a, to)) this.#set(a, to, before + mostMs, from, -1);
      for (let b = 0; b < size; b += 1) {
        const chained = this.most(a, to) + this.most(to, b);
        if (b !== a && chained < this.most(a, b)) this.#set(a, b, chained, to, -1);
      }
    }
  }

  /** Numbers of the bounds that a chain is made of. */
  reasons(from: number, to: number, depth = 0): number[] {
    const at = from * this.#size + to;
    const through = this.#through[at] as number;
    if (from === to || depth > this.#size) return [];
    if (through < 0) return (this.#reason[at] as number) < 0 ? [] : [this.#reason[at] as number];
    return [...this.reasons(from, through, depth + 1), ...this.reasons(through, to, depth + 1)];
  }

  #set(from: number, to: number, mostMs: number, through: number, reason: number): void {
    const at = from * this.#size + to;
    this.#most[at] = mostMs;
    this.#through[at] = through;
    this.#reason[at] = reason;
  }
}
