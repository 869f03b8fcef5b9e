import { shardOfKey } from "../base/slots.ts";
import type { Operation } from "../history/operations.ts";
import type { ReplicatedEvent } from "../model/event.ts";
import { type Facts, type FaultWindow, shardOfNode } from "./facts.ts";
import { primaryLosses, windowEnd } from "./losses.ts";
import { promotionsOf } from "./promotions.ts";

/** What stood between an acknowledged write and the loss of the primary that had acknowledged it. */
export interface Protection {
  /** When that primary was lost, as ns on the run's clock; absent: it was not. */
  readonly nextLossAt?: number;
  /** The write was seen on every replica that could take over, before the primary was lost. */
  readonly replicated: boolean;
}

/** Tells of any write of the run how well it was protected. */
export function protectionOf(facts: Facts): (operation: Operation) => Protection {
  const losses = primaryLosses(facts);
  const lastAckOf = memoized(({ loss, shard }) => lastAckBefore(facts, loss, shard));
  const replicatedUpTo = memoized(({ loss, shard, by }) => lastReplicated(facts, loss, shard, by));
  return (operation) => {
    const shard = shardOfKey(operation.key, facts.header.topology.shards);
    const endedAt = operation.completedAt ?? operation.invokedAt;
    const loss = losses.find(
      (fault) =>
        (shard === undefined || fault.shards.includes(shard)) && lastAckOf({ loss: fault, shard }) >= endedAt,
    );
    return {
      nextLossAt: loss?.injectAt,
      replicated:
        operation.completedAt !== undefined &&
        operation.completedAt <= replicatedUpTo({ loss, shard, by: operation.node }),
    };
  };
}

/**
 * Until when an acknowledgement must be the lost primary's own. It is told to stop at `injectAt`, and stops a little later;
 * what it had answered by then may be read later still. Nobody else acknowledges before another is promoted, or before it
 * is there again itself.
 */
function lastAckBefore(facts: Facts, loss: FaultWindow | undefined, shard: number | undefined): number {
  if (!loss) return -1;
  const promotion = promotionsOf(facts, loss).find((one) => one.shard === shard);
  return Math.min(promotion?.at ?? Infinity, loss.healAt ?? windowEnd(facts, loss));
}

/**
 * Up to which acknowledgement everything was replicated, by the watermarks that were recorded before the loss (without one:
 * by all). A watermark counts if it covers the node that was then promoted; where none was, if it covers every other
 * node of the shard. What another primary had replicated says nothing of a write: where it is known who acknowledged it,
 * only that one's watermarks count.
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
