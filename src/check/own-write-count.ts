import type { WriteAccount } from "../model/observed.ts";
import type { Facts } from "./facts.ts";

/** What a superseded primary wrote by its own counters, from its last look before the promotion on. */
export interface OwnWriteCount {
  /** Calls of write commands until its last look as a primary; absent: not known. */
  readonly least?: number;
  /**
   * And until the first that shows it as a replica: what the new primary sent it may be among them. Absent: no limit is
   * known.
   */
  readonly most?: number;
  /** Growth of its replication offset while it was a primary. */
  readonly bytes?: number;
  /** When the last of its writes was seen, ns on the run's clock. */
  readonly lastWriteAt?: number;
  /** Did clients get more acknowledgements from it than it counted? Then one of the two is wrong. */
  contradicts(acknowledged: readonly Acknowledged[]): boolean;
}

interface Acknowledged {
  readonly invokedAt: number;
  readonly completedAt?: number;
}

const NOT_KNOWN: OwnWriteCount = { contradicts: () => false };

/** @param from the promotion of the other, ns */
export function ownWriteCountOf(facts: Facts, node: string, from: number): OwnWriteCount {
  const its = facts.observations("write-account").filter((one) => one.node === node);
  const first = its.filter(({ answeredAt }) => answeredAt <= from).at(-1);
  if (!first) return NOT_KNOWN;
  const later = its.filter(({ answeredAt }) => answeredAt > from);
  const asReplica = later.findIndex(({ role }) => role === "replica");
  const asPrimary = asReplica < 0 ? later : later.slice(0, asReplica);
  const least = growth([first, ...asPrimary]);
  if (least === undefined) return NOT_KNOWN;
  const last = asPrimary.at(-1) ?? first;
  const demoted = asReplica < 0 ? undefined : later[asReplica];
  const gone = facts.topology.some(
    ({ event, subject, to, at }) =>
      event === "reachable" && subject === node && to === "no" && at > (asPrimary[0]?.answeredAt ?? Infinity),
  );
  // Without a look as a replica it is a primary still, and was looked at when all work had stopped; or it was ended in
  // between.
  const most = demoted ? growth([first, ...asPrimary, demoted]) : gone ? undefined : least;
  return {
    least,
    most,
    bytes: last.runId === first.runId ? last.offset - first.offset : undefined,
    lastWriteAt: whenLastGrown([first, ...asPrimary]),
    contradicts: (acknowledged) => {
      const counted = acknowledged.filter(({ invokedAt }) => invokedAt > first.answeredAt);
      const seen = counted.filter(({ completedAt = Infinity }) => completedAt <= last.askedAt);
      return seen.length > least || counted.length > (most ?? Infinity);
    },
  };
}

/** How far the counters rose; `undefined` if they went back without a restart: somebody has reset them. */
function growth(accounts: readonly WriteAccount[]): number | undefined {
  let sum = 0;
  for (let at = 1; at < accounts.length; at += 1) {
    const [before, after] = accounts.slice(at - 1, at + 1) as [WriteAccount, WriteAccount];
    const rose = after.calls - (after.runId === before.runId ? before.calls : 0);
    if (rose < 0) return undefined;
    sum += rose;
  }
  return sum;
}

function whenLastGrown(accounts: readonly WriteAccount[]): number | undefined {
  for (let at = accounts.length - 1; at > 0; at -= 1) {
    const [before, after] = accounts.slice(at - 1, at + 1) as [WriteAccount, WriteAccount];
    if (after.calls !== (after.runId === before.runId ? before.calls : 0)) return after.answeredAt;
  }
  return undefined;
}
