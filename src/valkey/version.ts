/** Is `--valkey TEXT` a version (`8`, `8.1`, `8.1.1`, `redis-7.0`)? Anything else is a path. */
export function isVersion(text: string): boolean {
  return /^(redis-)?\d+(\.\d+)*$/.test(text);
}

/** A server's version as one asks for it: `8.1.1`, `redis-7.0.15`. */
export function fullVersion({ flavour, version }: { flavour: "valkey" | "redis"; version: string }): string {
  return flavour === "redis" ? `redis-${version}` : version;
}

/** Does a full version belong to the wanted one? `8.1.1` belongs to `8`, `8.1` and `8.1.1`, not to `8.11`. */
export function belongsTo(version: string, wanted: string): boolean {
  return version === wanted || version.startsWith(`${wanted}.`) || version.startsWith(`${wanted}-`);
}

/** Is `version` at least `minimum`? Compares number by number; what follows a hyphen (`-rc1`) is left out. */
export function isAtLeast(version: string, minimum: string): boolean {
  return compareVersions(version, minimum) >= 0;
}

/** Negative if `a` is older than `b`; for sorting. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): number[] {
  return (version.split("-")[0] ?? "").split(".").map(Number);
}
