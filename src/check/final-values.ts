/** More groups than this are not tried one by one. */
const MOST_GROUPS = 8;
/** Keys that were read for others stand between those of the writes. */
const LOOKED_AHEAD = 16;

/**
 * What stood under each key at the end, of millions of keys. They are mostly asked for in the order in which they were
 * read, group by group (a group is what one node answered): so a place in each group is remembered, and the next key
 * compared with what stands there. A map is made only when that fails, or when one is asked for.
 */
export class FinalValues {
  readonly #groups = new Map<string, Group>();
  #byKey: Map<string, string | null> | undefined;

  add(group: string, key: string, value: string | null): void {
    const known = this.#groups.get(group) ?? { keys: [], values: [] };
    known.keys.push(key);
    known.values.push(value);
    this.#groups.set(group, known);
    this.#byKey = undefined;
  }

  /** Value of each key; `null`: there is no such key. */
  get byKey(): ReadonlyMap<string, string | null> {
    if (this.#byKey) return this.#byKey;
    this.#byKey = new Map();
    for (const { keys, values } of this.#groups.values())
      for (const [n, key] of keys.entries()) this.#byKey.set(key, values[n] as string | null);
    return this.#byKey;
  }

  /** Gives what {@link byKey} gives, quickly for keys in their order. */
  inOrder(): (key: string) => string | null | undefined {
    const groups = this.#groups.size > MOST_GROUPS ? [] : [...this.#groups.values()];
    const cursors = groups.map((group) => ({ ...group, next: 0 }));
    return (key) => {
      for (const cursor of cursors) {
        const at = placeOf(key, cursor);
        if (at < 0) continue;
        cursor.next = at + 1;
        return cursor.values[at];
      }
      return this.byKey.get(key);
    };
  }
}

interface Group {
  readonly keys: string[];
  readonly values: (string | null)[];
}

function placeOf(key: string, { keys, next }: { keys: readonly string[]; next: number }): number {
  if (keys[next] === key) return next;
  const end = Math.min(keys.length, next + LOOKED_AHEAD);
  for (let at = next + 1; at < end; at += 1) if (keys[at] === key) return at;
  return -1;
}
