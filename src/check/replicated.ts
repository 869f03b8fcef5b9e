import { shardOfKey } from "../base/slots.ts";
import type { Operation } from "../history/operations.ts";
import type { ReplicatedEvent } from "../model/event.ts";
import { detachedPrimaries } from "./detached.ts";
import { type Facts, type FaultWindow, shardOfNode } from "./facts.ts";
import { primaryLosses, windowEnd } from "./losses.ts";
import { once } from "./once.ts";
import { promotionsOf } from "./promotions.ts";
import { placeHolders } from "./role-changes.ts";
import { isSupersededAt, supersededPrimaries } from "./split-brain.ts";

/**
 * What stood between an acknowledged write and what may have taken it back. Each write belongs to one of them, or to
 * none.
 */
export interface Protection {
  /** When the primary that held it was lost, as ns on the run's clock; absent: that was not what took it back. */
  readonly nextLossAt?: number;
  /** The fault that took that primary, or removed data of it though nobody was promoted. */
  readonly fault?: FaultWindow;
  /** The node that took it when it was no primary by right: it is gone for that, and for no fault after it. */
  readonly taken?: Taken;
  /** The write was seen on every replica that could take over, before the primary was lost. */
  readonly replicated: boolean;
}

/** Who acknowledged a write that it should not have taken. */
export interface Taken {
  readonly node: string;
  /** `superseded`: another had been promoted in its place; `detached`: it was a replica that took nobody's place. */
  readonly as: "superseded" | "detached";
  /** Nobody told who acknowledged it: that node may have. */
  readonly perhaps?: true;
}

/** Tells of any write of the run how well it was protected. */
export const protectionOf = once((facts: Facts): ((operation: Operation) => Protection) => {
  const causes = causesOf(facts);
  const taken = takenWrites(facts);
  const lastAckOf = memoized(({ loss, shard }) => lastAckBefore(facts, loss, shard));
  const replicatedUpTo = memoized(({ loss, shard, by }) => lastReplicated(facts, loss, shard, by));
  return (operation) => {
    const takenBy = taken.get(operation);
    // What another primary had replicated says nothing of it.
    if (takenBy) return { taken: takenBy, replicated: false };
    const shard = shardOfKey(operation.key, facts.header.topology.shards);
    const endedAt = operation.completedAt ?? operation.invokedAt;
    const thereAt = operation.shared ? endedAt : Math.max(endedAt, lastSeenOf(facts).get(operation.key) ?? 0);
    const has = (up: number) => operation.completedAt !== undefined && operation.completedAt <= up;
    const after = causes.filter(
      (fault) =>
        (shard === undefined || fault.shards.includes(shard)) && lastAckOf({ loss: fault, shard }) >= thereAt,
    );
    let [by, replicated] = [operation.node, false];
    let fault: FaultWindow | undefined;
    for (const cause of after) {
      const isThere = has(replicatedUpTo({ loss: cause, shard, by }));
      const next = promotionsOf(facts, cause).find((one) => one.shard === shard);
      replicated ||= isThere;
      // Who took over had it: what came later took it back. If nothing did, nobody knows better than the first.
      fault = isThere && next ? undefined : cause;
      if (fault) break;
      by = next?.to;
    }
    if (after.length === 0) replicated = has(replicatedUpTo({ loss: undefined, shard, by }));
    fault ??= after[0];
    const isLoss = fault !== undefined && primaryLosses(facts).includes(fault);
    return { ...(fault && { fault }), ...(isLoss && { nextLossAt: fault?.injectAt }), replicated };
  };
});

/**
 * The faults that can take back what was acknowledged: losses of primaries, and those that remove data by themselves.
 */
const causesOf = once((facts: Facts): readonly FaultWindow[] =>
  facts.faults.filter(
    (fault) =>
      primaryLosses(facts).includes(fault) ||
      (fault.losesData !== undefined && placeHolders(facts, fault).length > 0),
  ),
);

/** The writes that were taken by a node which was no primary by right, or may have been. */
function takenWrites(facts: Facts): ReadonlyMap<Operation, Taken> {
  const taken = new Map<Operation, Taken>();
  for (const { node, writes, doubtful, unattributed } of supersededPrimaries(facts)) {
    for (const write of unattributed) taken.set(write, { node, as: "superseded", perhaps: true });
    for (const write of [...writes, ...doubtful]) taken.set(write, { node, as: "superseded" });
  }
  for (const { node, writes, unattributed } of detachedPrimaries(facts)) {
    for (const write of unattributed) taken.set(write, { node, as: "detached", perhaps: true });
    for (const write of writes) taken.set(write, { node, as: "detached" });
  }
  return taken;
}

/** When each key was last read with a value, by the time at which the read was sent: until then it was there. */
const lastSeenOf = once((facts: Facts): ReadonlyMap<string, number> => {
  const seen = new Map<string, number>();
  for (const { f, outcome, result, key, invokedAt, node } of facts.operations) {
    if (f !== "read" || outcome !== "ok" || typeof result !== "string") continue;
    if (node !== undefined && isSupersededAt(facts, node, invokedAt)) continue; // that one may hold what is gone
    seen.set(key, invokedAt);
  }
  return seen;
});

/**
 * Until when an acknowledgement must be the lost primary's own. It is told to stop at `injectAt`, and stops a little
 * later; what it had answered by then may be read later still. Nobody else acknowledges before another is promoted, or
 * before it is there again itself.
 */
function lastAckBefore(facts: Facts, loss: FaultWindow | undefined, shard: number | undefined): number {
  if (!loss) return -1;
  if (!primaryLosses(facts).includes(loss)) return dataGoneBy(facts, loss);
  const promotion = promotionsOf(facts, loss).find((one) => one.shard === shard);
  return Math.min(promotion?.at ?? Infinity, loss.healAt ?? windowEnd(facts, loss));
}

/** Until when data of a fault that took no primary may go by it. */
function dataGoneBy(facts: Facts, { losesData, injectAt, injectedAt, healAt }: FaultWindow): number {
  return losesData === "at-once" ? (injectedAt ?? injectAt) : (healAt ?? facts.endedAt);
}

/**
 * Up to which acknowledgement everything was replicated, by the watermarks that were recorded before the loss (without
 * one: by all). A watermark counts if it covers the node that was then promoted; where none was, if it covers every
 * other node of the shard. What another primary had replicated says nothing of a write: where it is known who
 * acknowledged it, only that one's watermarks count.
 */
function lastReplicated(
  facts: Facts,
  loss: FaultWindow | undefined,
  shard: number | undefined,
  by: string | undefined,
): number {
  const promoted = loss ? promotionsOf(facts, loss).find((one) => one.shard === shard)?.to : undefined;
  const members = facts.header.topology.nodes
    .filter((node) => node.role !== "sentinel" && node.shard === shard)
    .map((node) => node.name);
  const covers = ({ primary, replicas }: ReplicatedEvent) =>
    promoted === undefined
      ? members.every((name) => name === primary || replicas.includes(name))
      : replicas.includes(promoted);
  const before = loss?.injectAt ?? Infinity;
  const counting = facts.watermarks.filter(
    (watermark) =>
      watermark.at < before &&
      shardOfNode(facts, watermark.primary) === shard &&
      (by === undefined || watermark.primary === by) &&
      covers(watermark),
  );
  return Math.max(-1, ...counting.slice(-1).map(({ ackedBy }) => ackedBy));
}

interface Place {
  readonly loss: FaultWindow | undefined;
  readonly shard: number | undefined;
  /** Who acknowledged, where that is known. */
  readonly by?: string;
}

function memoized(compute: (place: Place) => number): (place: Place) => number {
  const known = new Map<string, number>();
  return (place) => {
    const key = `${place.loss?.id} ${place.shard} ${place.by}`;
    const value = known.get(key) ?? compute(place);
    known.set(key, value);
    return value;
  };
}
