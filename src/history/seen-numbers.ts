const BITS_AT_FIRST = 8192;
/** Numbers up to here take a bit each, be they seen or not; larger ones are kept one by one. */
const MOST_BITS = 2 ** 28;

/**
 * Which whole numbers were seen. Made for those that are counted up from one: of a million it holds 125 KB, a `Set` 40
 * MB.
 */
export class SeenNumbers {
  #bits = new Uint8Array(BITS_AT_FIRST / 8);
  readonly #others = new Set<number>();

  has(number: number): boolean {
    if (!fits(number)) return this.#others.has(number);
    return ((this.#bits[number >>> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }

  /** @returns `false` if it was seen before */
  add(number: number): boolean {
    if (this.has(number)) return false;
    if (fits(number)) this.#set(number);
    else this.#others.add(number);
    return true;
  }

  #set(number: number): void {
    const at = number >>> 3;
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (number & 7));
  }
}

function fits(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number < MOST_BITS;
}
