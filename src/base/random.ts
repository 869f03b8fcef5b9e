/** A seeded source of numbers: the same seed gives the same sequence on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [0, below). */
  below(below: number): number;
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
  /** An independent stream for a named part, so that parts do not disturb each other's numbers. */
  fork(label: string): Random;
}

/** Largest seed: 2^32 - 1. */
export const MAX_SEED = 0xffff_ffff;

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state, ample for schedules and jitter. Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    hex: (length) => Array.from({ length }, () => below(16).toString(16)).join(""),
    fork: (label) => seededRandom((seed ^ fnv1a(label)) >>> 0),
  };
}

/** FNV-1a, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
