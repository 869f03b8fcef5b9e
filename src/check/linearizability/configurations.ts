/** A set of configurations: rows of whole numbers, each found by its hash and then compared number by number. */
export interface Configurations {
  /** Adds the first `length` numbers of `row`. `full`: there is no room for them. */
  add(row: Int32Array, length: number): "added" | "known" | "full";
}

const FIRST_CELLS = 64;
const FIRST_SLOTS = 16;

/**
 *     slots   [ 0 | 17 | 0 | 1 | … ]      open addressing; 0 is free, else where the row begins
 *     cells   [ · | length, n, n, … | length, n, … ]
 *
 * @param bytes - What it may take, also while it grows.
 */
export function makeConfigurations(bytes: number): Configurations {
  const mostCells = Math.floor(bytes / Int32Array.BYTES_PER_ELEMENT);
  let cells = new Int32Array(FIRST_CELLS);
  let used = 1;
  let slots = new Int32Array(FIRST_SLOTS);
  let rows = 0;

  const isRow = (at: number, row: Int32Array, length: number) => {
    if (cells[at] !== length) return false;
    for (let index = 0; index < length; index += 1) {
      if (cells[at + 1 + index] !== row[index]) return false;
    }
    return true;
  };
  /** The old and the new are there at one time. `false`: there is no room for that. */
  const growCells = (needed: number) => {
    const room = Math.min(Math.max(cells.length * 2, needed), mostCells - cells.length - slots.length);
    if (room < needed) return false;
    const more = new Int32Array(room);
    more.set(cells);
    cells = more;
    return true;
  };
  const growSlots = () => {
    if (cells.length + slots.length * 3 > mostCells) return false;
    const before = slots;
    slots = new Int32Array(before.length * 2);
    for (const at of before) {
      if (at === 0) continue;
      let slot = hash(cells, at + 1, cells[at] as number) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = at;
    }
    return true;
  };

  return {
    add(row, length) {
      let slot = hash(row, 0, length) & (slots.length - 1);
      for (let at = slots[slot]; at !== 0; at = slots[slot]) {
        if (isRow(at as number, row, length)) return "known";
        slot = (slot + 1) & (slots.length - 1);
      }
      if (used + length + 1 > cells.length && !growCells(used + length + 1)) return "full";
      slots[slot] = used;
      cells[used] = length;
      cells.set(row.subarray(0, length), used + 1);
      used += length + 1;
      rows += 1;
      return rows * 2 <= slots.length || growSlots() ? "added" : "full";
    },
  };
}

/** FNV-1a over whole numbers, with the last step of MurmurHash3 so that low bits depend on all. */
function hash(numbers: Int32Array, from: number, length: number): number {
  let value = 0x811c9dc5;
  for (let index = from; index < from + length; index += 1) {
    value = Math.imul(value ^ (numbers[index] as number), 0x01000193);
    value ^= value >>> 15;
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
