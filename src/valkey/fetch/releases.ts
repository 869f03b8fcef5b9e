import { belongsTo } from "../version.ts";

/** A version line that Debian ships, and the packages that make it run. */
export interface DebianRelease {
  /** `8.1`, `redis-7.0` */
  readonly line: string;
  /** For a person: `Valkey 8.1`. */
  readonly name: string;
  readonly flavour: "valkey" | "redis";
  /** The suite that holds Valkey, then any that hold its libraries. */
  readonly suites: readonly string[];
  /** Enough where the system's C library is new enough. */
  readonly packages: readonly string[];
  /** What is needed besides where it is not: the C library itself, and all that the server links to. */
  readonly withLoader: readonly string[];
}

/** `valkey-tools` holds the server's binary; `valkey-server` has only a link to it and the init scripts. */
const PACKAGES = ["valkey-tools", "liblzf1", "libjemalloc2"];

/** The dependencies of `valkey-tools`, and theirs. */
const WITH_LOADER = [
  ...["libc6", "libssl3t64", "libsystemd0", "libatomic1", "libzstd1", "libcap2", "zlib1g"],
  ...["libstdc++6", "libgcc-s1"],
];

/** Those of Debian 12. */
const WITH_LOADER_OF_12 = [
  ...WITH_LOADER.map((name) => (name === "libssl3t64" ? "libssl3" : name)),
  ...["liblzma5", "liblz4-1", "libgcrypt20", "libgpg-error0"],
];

/**
 * Debian's own, oldest first: `redis-7.0` is what Debian 12 has, to migrate from; `8.0` is a backport to it, `8.1` is
 * in Debian 13, `9.1` in unstable.
 */
export const DEBIAN_RELEASES: readonly DebianRelease[] = [
  {
    line: "redis-7.0",
    name: "Redis 7.0",
    flavour: "redis",
    suites: ["bookworm"],
    packages: PACKAGES.map((name) => (name === "valkey-tools" ? "redis-tools" : name)),
    withLoader: WITH_LOADER_OF_12,
  },
  valkey("8.0", ["bookworm-backports", "bookworm"], WITH_LOADER_OF_12),
  valkey("8.1", ["trixie"], WITH_LOADER),
  valkey("9.1", ["sid"], WITH_LOADER),
];

function valkey(line: string, suites: readonly string[], withLoader: readonly string[]): DebianRelease {
  return { line, name: `Valkey ${line}`, flavour: "valkey", suites, packages: PACKAGES, withLoader };
}

/** The line used where none is asked for: that of Debian stable. */
export const DEFAULT_LINE = "8.1";

/** The newest line that the wanted version (`8`, `8.1`, `8.1.1`) can come from; undefined if there is none. */
export function releaseFor(wanted: string): DebianRelease | undefined {
  return DEBIAN_RELEASES.findLast(({ line }) => belongsTo(line, wanted) || belongsTo(wanted, line));
}

/** `redis-7.0, 8.0, 8.1 and 9.1` */
export function releaseLines(): string {
  const lines = DEBIAN_RELEASES.map(({ line }) => line);
  return `${lines.slice(0, -1).join(", ")} and ${lines.at(-1)}`;
}
