type Plain = Readonly<Record<string, unknown>>;

/** Things by their names, each as it is now; those that are new or have changed can be asked for. The oldest go first. */
export class Latest<T extends object> {
  readonly #most: number;
  readonly #all = new Map<string, T>();
  readonly #fresh = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  has(name: string): boolean {
    return this.#all.has(name);
  }

  put(name: string, one: T): void {
    const before = this.#all.get(name);
    if (before !== undefined && isSame(before, one)) return;
    this.#all.set(name, one);
    this.#fresh.add(name);
    if (this.#all.size <= this.#most) return;
    const [oldest] = this.#all.keys();
    if (oldest !== undefined) this.#all.delete(oldest);
  }

  /** What is new or has changed since this was asked last. */
  fresh(): T[] {
    const fresh = [...this.#fresh].flatMap((name) => this.#all.get(name) ?? []);
    this.#fresh.clear();
    return fresh;
  }

  all(): T[] {
    return [...this.#all.values()];
  }
}

function isSame(a: object, b: object): boolean {
  const [one, other] = [Object.entries(a), b as Plain];
  return one.length === Object.keys(b).length && one.every(([field, value]) => other[field] === value);
}
