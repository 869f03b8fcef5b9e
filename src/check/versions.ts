import { countWhile } from "../base/count-while.ts";
import { groupBy } from "../base/group-by.ts";
import type { Operation } from "../history/operations.ts";

/**
 * A read that was answered, held against the versions that its key has had. Versions count from 1; 0 is "nothing yet".
 */
export type JudgedRead = {
  readonly operation: Operation;
} & (
  | {
      readonly found: "version";
      readonly version: number;
      /** Acknowledged versions that are newer than the one read, and were so before the read was sent. */
      readonly missed: number;
      /** Since the first of those was acknowledged, until the read was sent; 0 if there is none. */
      readonly staleMs: number;
    }
  /** Nobody knows when (or whether) this version took effect: its write ended `info`. */
  | { readonly found: "version of unknown time"; readonly version: number }
  /** No such value had been sent to this key by the time of the answer. */
  | { readonly found: "never written" }
  /** Its write was surely refused, by the table of errors. */
  | { readonly found: "refused" }
);

interface Version {
  readonly number: number;
  readonly write: Operation;
}

/**
 * Judges reads of keys that one session each writes, one version after the other.
 *
 *     write v1 ──ok──┐   write v2 ──ok──┐        read sent ──▶ answers v1
 *                                       └─ stale for this time ─┘   one version missed
 */
export function judgeReads(writes: readonly Operation[], reads: readonly Operation[]): JudgedRead[] {
  const versions = numbered(writes);
  const byValue = new Map(
    versions.map((version) => [`${version.write.key} ${version.write.value}`, version]),
  );
  const acknowledged = groupBy(versions.filter(isAcknowledged), ({ write }) => write.key);
  return reads
    .filter(({ outcome }) => outcome === "ok")
    .map((operation): JudgedRead => {
      const { key, result, invokedAt, completedAt = Infinity } = operation;
      const version = typeof result === "string" ? byValue.get(`${key} ${result}`) : undefined;
      if (typeof result === "string" && (!version || version.write.invokedAt > completedAt)) {
        return { operation, found: "never written" };
      }
      if (version?.write.outcome === "fail") return { operation, found: "refused" };
      const number = version?.number ?? 0;
      if (version?.write.outcome === "info") {
        return { operation, found: "version of unknown time", version: number };
      }
      const ofKey = acknowledged.get(key) ?? [];
      const newest = countWhile(ofKey, (one) => completedAtOf(one) < invokedAt);
      const upToRead = countWhile(ofKey, (one) => one.number <= number);
      const missed = Math.max(0, newest - upToRead);
      const next = ofKey[upToRead];
      const staleMs = missed > 0 && next ? (invokedAt - completedAtOf(next)) / 1e6 : 0;
      return { operation, found: "version", version: number, missed, staleMs };
    });
}

/** A read that contradicts what its own session knew. */
export interface Violation {
  readonly session: string;
  readonly key: string;
  /** The version that the session had read before, or had written itself. */
  readonly knew: number;
  readonly read: number;
  readonly operation: Operation;
}

/** Reads by which a session went back: an older version than it had read of that key before. */
export function nonMonotonicReads(reads: readonly JudgedRead[]): Violation[] {
  const known = new Map<string, number>();
  return reads.flatMap((read) => {
    if (read.found !== "version" && read.found !== "version of unknown time") return [];
    const { client, key } = read.operation;
    const knew = known.get(`${client} ${key}`) ?? 0;
    known.set(`${client} ${key}`, Math.max(knew, read.version));
    // A write of unknown end may take effect after a later one: then its version is the newer one.
    if (read.found !== "version" || read.version >= knew) return [];
    return [{ session: client, key, knew, read: read.version, operation: read.operation }];
  });
}

/** Reads by which a session missed a write of its own that had been acknowledged. */
export function unreadOwnWrites(writes: readonly Operation[], reads: readonly JudgedRead[]): Violation[] {
  const own = groupBy(numbered(writes).filter(isAcknowledged), ({ write }) => `${write.client} ${write.key}`);
  return reads.flatMap((read) => {
    if (read.found !== "version") return [];
    const { client, key, invokedAt } = read.operation;
    const mine = own.get(`${client} ${key}`) ?? [];
    const knew = mine[countWhile(mine, (one) => completedAtOf(one) < invokedAt) - 1]?.number ?? 0;
    if (read.version >= knew) return [];
    return [{ session: client, key, knew, read: read.version, operation: read.operation }];
  });
}

/** The versions of each key, in the order in which they were sent. */
function numbered(writes: readonly Operation[]): Version[] {
  return [...groupBy(writes, ({ key }) => key).values()].flatMap((own) =>
    own.map((write, n) => ({ number: n + 1, write })),
  );
}

function isAcknowledged({ write }: Version): boolean {
  return write.outcome === "ok";
}

function completedAtOf({ write: { completedAt = Infinity } }: Version): number {
  return completedAt;
}
