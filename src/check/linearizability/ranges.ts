/** A row of places, some of them wanted, each covered so many times. All in the logarithm of its length. */
export interface Ranges {
  /** Wants a place that is not wanted (1), or no longer one that is (-1). */
  want(place: number, by: 1 | -1): void;
  /** Covers the places from `low` to `high - 1` once more, or once less. */
  cover(low: number, high: number, by: 1 | -1): void;
  /** How many places of a range are wanted. */
  wanted(low: number, high: number): number;
  /** How many places of a range are wanted and not covered. */
  uncovered(low: number, high: number): number;
}

/** What a place that is not wanted seems to be covered by: more than there can be. */
const UNWANTED = 1 << 29;

/*
 * A segment tree without pushing down: each node holds what covers all of it, the least that covers one of its wanted
 * places (with that), and how many of them are covered by no more. Beside it a Fenwick tree that counts the wanted
 * ones.
 */
export function makeRanges(size: number): Ranges {
  let width = 1;
  while (width < size) width *= 2;
  const all = new Int32Array(2 * width);
  const least = new Int32Array(2 * width).fill(UNWANTED);
  const count = new Int32Array(2 * width).fill(1);
  const sums = new Int32Array(size + 1);
  for (let node = width - 1; node >= 1; node -= 1) pull(node);

  function pull(node: number): void {
    const [left, right] = [least[2 * node] as number, least[2 * node + 1] as number];
    least[node] = Math.min(left, right) + (all[node] as number);
    const ofLeft = left <= right ? (count[2 * node] as number) : 0;
    count[node] = ofLeft + (right <= left ? (count[2 * node + 1] as number) : 0);
  }
  function add(node: number, from: number, to: number, low: number, high: number, by: number): void {
    if (high <= from || to <= low) return;
    if (low <= from && to <= high) {
      all[node] = (all[node] as number) + by;
      least[node] = (least[node] as number) + by;
      return;
    }
    const middle = (from + to) >> 1;
    add(2 * node, from, middle, low, high, by);
    add(2 * node + 1, middle, to, low, high, by);
    pull(node);
  }
  function zeros(node: number, from: number, to: number, low: number, high: number, above: number): number {
    if (high <= from || to <= low) return 0;
    if (low <= from && to <= high) return (least[node] as number) + above === 0 ? (count[node] as number) : 0;
    const middle = (from + to) >> 1;
    const here = above + (all[node] as number);
    return zeros(2 * node, from, middle, low, high, here) + zeros(2 * node + 1, middle, to, low, high, here);
  }
  const wantedBefore = (place: number) => {
    let sum = 0;
    for (let at = place; at > 0; at -= at & -at) sum += sums[at] as number;
    return sum;
  };
  return {
    want(place, by) {
      for (let at = place + 1; at <= size; at += at & -at) sums[at] = (sums[at] as number) + by;
      let node = width + place;
      least[node] = (least[node] as number) - by * UNWANTED;
      for (node >>= 1; node >= 1; node >>= 1) pull(node);
    },
    cover(low, high, by) {
      if (low < high) add(1, 0, width, low, high, by);
    },
    wanted: (low, high) => wantedBefore(high) - wantedBefore(low),
    uncovered: (low, high) => (low < high ? zeros(1, 0, width, low, high, 0) : 0),
  };
}
