import { belongsTo } from "../version.ts";

/** A version line that Debian ships, and the packages that make it run. */
export interface DebianRelease {
  /** `8.1` */
  readonly line: string;
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

/** Debian's own, oldest first: `8.0` is a backport to Debian 12, `8.1` is in Debian 13, `9.1` in unstable. */
export const DEBIAN_RELEASES: readonly DebianRelease[] = [
  {
    line: "8.0",
    suites: ["bookworm-backports", "bookworm"],
    packages: PACKAGES,
    withLoader: [
      ...WITH_LOADER.map((name) => (name === "libssl3t64" ? "libssl3" : name)),
      ...["liblzma5", "liblz4-1", "libgcrypt20", "libgpg-error0"],
    ],
  },
  { line: "8.1", suites: ["trixie"], packages: PACKAGES, withLoader: WITH_LOADER },
  { line: "9.1", suites: ["sid"], packages: PACKAGES, withLoader: WITH_LOADER },
];

/** The line used where none is asked for: that of Debian stable. */
export const DEFAULT_LINE = "8.1";

/** The newest line that the wanted version (`8`, `8.1`, `8.1.1`) can come from; undefined if there is none. */
export function releaseFor(wanted: string): DebianRelease | undefined {
  return DEBIAN_RELEASES.findLast(({ line }) => belongsTo(line, wanted) || belongsTo(wanted, line));
}

/** `8.0, 8.1 and 9.1` */
export function releaseLines(): string {
  const lines = DEBIAN_RELEASES.map(({ line }) => line);
  return `${lines.slice(0, -1).join(", ")} and ${lines.at(-1)}`;
}
