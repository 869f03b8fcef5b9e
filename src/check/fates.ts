import { shardOfKey } from "../base/slots.ts";
import type { Operation } from "../history/operations.ts";
import type { ReplicatedEvent } from "../model/event.ts";
import { type Facts, type FaultWindow, shardOfNode } from "./facts.ts";
import { primaryLosses } from "./losses.ts";
import { promotionsOf } from "./timeline.ts";

/**
 * What became of a write:
 *
 *                   present      gone
 *     acknowledged  survived     lost
 *     not           recovered    absent
 *
 * `unknown`: its key could not be read at the end. `phantom`: it was surely refused, yet its value is there: the error
 * table is wrong, and no count of this run can be trusted. `changed`: another value stands under its key.
 */
export type Fate = "survived" | "lost" | "recovered" | "absent" | "unknown" | "phantom" | "changed";

export interface JudgedWrite {
  readonly operation: Operation;
  readonly fate: Fate;
  /** The loss of a primary that came next after the acknowledgement, as ns on the run's clock. */
  readonly nextLossAt?: number;
  /** It was seen on every replica that could take over, before the primary was lost. */
  readonly replicated: boolean;
}

/** Judges every write of the run by what stood under its key at the end. */
export function judgeWrites(facts: Facts): JudgedWrite[] {
  const losses = primaryLosses(facts);
  const seen = replicatedBy(facts, losses);
  return facts.operations
    .filter((operation) => operation.f === "write" && !operation.shared)
    .map((operation) => {
      const shard = shardOfKey(operation.key, facts.header.topology.shards);
      const nextLossAt = nextLoss(losses, operation, shard);
      const ackedBy = seen(shard, nextLossAt ?? Infinity);
      return {
        operation,
        fate: fateOf(facts, operation),
        nextLossAt,
        replicated: operation.completedAt !== undefined && operation.completedAt <= ackedBy,
      };
    });
}

/** How many writes had each fate. */
export function countFates(writes: readonly JudgedWrite[]): Record<JudgedWrite["fate"], number> {
  const counts = { survived: 0, lost: 0, recovered: 0, absent: 0, unknown: 0, phantom: 0, changed: 0 };
  for (const { fate } of writes) counts[fate] += 1;
  return counts;
}

function fateOf(facts: Facts, { key, value, outcome }: Operation): Fate {
  const found = facts.finalValues.get(key);
  if (found === undefined) return "unknown";
  if (found !== null && found !== value) return "changed";
  if (outcome === "ok") return found === null ? "lost" : "survived";
  if (found === null) return "absent";
  return outcome === "fail" ? "phantom" : "recovered";
}

function nextLoss(
  losses: readonly FaultWindow[],
  operation: Operation,
  shard: number | undefined,
): number | undefined {
  const endedAt = operation.completedAt ?? operation.invokedAt;
  return losses.find(
    (fault) => (shard === undefined || fault.shards.includes(shard)) && fault.injectAt >= endedAt,
  )?.injectAt;
}

/**
 * Up to which acknowledgement everything was replicated, by the watermarks that were recorded before a time. A watermark
 * counts if it covers the node that was then promoted; where none was, if it covers every other node of the shard.
 */
function replicatedBy(
  facts: Facts,
  losses: readonly FaultWindow[],
): (shard: number | undefined, before: number) => number {
  const memo = new Map<string, number>();
  const { nodes } = facts.header.topology;
  const compute = (shard: number | undefined, before: number) => {
    const loss = losses.find((fault) => fault.injectAt === before);
    const promoted = loss
      ? promotionsOf(facts, loss).find(({ to }) => shardOfNode(facts, to) === shard)?.to
      : undefined;
    const members = nodes
      .filter((node) => node.role !== "sentinel" && node.shard === shard)
      .map((node) => node.name);
    const covers = ({ primary, replicas }: ReplicatedEvent) =>
      promoted === undefined
        ? members.every((name) => name === primary || replicas.includes(name))
        : replicas.includes(promoted);
    const counting = facts.watermarks.filter(
      (watermark) =>
        watermark.at < before && shardOfNode(facts, watermark.primary) === shard && covers(watermark),
    );
    return Math.max(-1, ...counting.slice(-1).map(({ ackedBy }) => ackedBy));
  };
  return (shard, before) => {
    const key = `${shard} ${before}`;
    const known = memo.get(key) ?? compute(shard, before);
    memo.set(key, known);
    return known;
  };
}
