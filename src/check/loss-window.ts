import { shardOfKey } from "../base/slots.ts";
import type { Operation } from "../history/operations.ts";
import { type Facts, type FaultWindow, toMs } from "./facts.ts";
import { isOwnWrite, tallyOf } from "./fates.ts";
import { supersededPrimaries } from "./split-brain.ts";

/** From the first to the last acknowledgement that one loss of a primary took back, in HA or in one shard. */
export interface LossWindow {
  /** Absent: no primary was lost after them. */
  readonly fault?: FaultWindow;
  /** The primary that took them after another had been promoted in its place: they are lost for that, and for no fault after it. */
  readonly superseded?: string;
  /** Cluster: the shard of their keys. */
  readonly shard?: number;
  /** Acknowledged so long before the fault; below 0: after it. */
  readonly firstBeforeFaultMs?: number;
  readonly lastBeforeFaultMs?: number;
  readonly lengthMs: number;
  /** Acknowledged writes that are lost. */
  readonly lost: number;
  /** Acknowledged writes in the window in all: these, and those between them that survived. */
  readonly acknowledged: number;
}

/** The windows of the run in which acknowledged writes were lost, in order of time. */
export function lossWindowsOf(facts: Facts): LossWindow[] {
  const { shards } = facts.header.topology;
  const { lost: allLost } = tallyOf(facts).notable;
  if (allLost.length === 0) return [];
  const groups = new Map<string, Group>();
  const takenBy = new Map(
    supersededPrimaries(facts).flatMap((one) => one.writes.map((write) => [write, one.node])),
  );
  for (const write of allLost) {
    const shard = shardOfKey(write.operation.key, shards);
    const superseded = takenBy.get(write.operation);
    const lossAt = superseded === undefined ? write.nextLossAt : undefined;
    const name = `${lossAt} ${superseded} ${shard}`;
    const group = groups.get(name) ?? { shard, lossAt, superseded, from: Infinity, to: 0, lost: 0 };
    const { completedAt = 0 } = write.operation;
    group.from = Math.min(group.from, completedAt);
    group.to = Math.max(group.to, completedAt);
    group.lost += 1;
    groups.set(name, group);
  }
  return [...groups.values()]
    .sort((a, b) => a.from - b.from)
    .map((group) => {
      const { from, to, lossAt, superseded, shard, lost } = group;
      return {
        fault: facts.faults.find(({ injectAt }) => injectAt === lossAt),
        superseded,
        shard,
        firstBeforeFaultMs: lossAt === undefined ? undefined : toMs(lossAt - from),
        lastBeforeFaultMs: lossAt === undefined ? undefined : toMs(lossAt - to),
        lengthMs: toMs(to - from),
        lost,
        acknowledged: facts.operations.filter((operation) => isIn(group, operation, shards)).length,
      };
    });
}

interface Group {
  readonly shard: number | undefined;
  readonly lossAt: number | undefined;
  readonly superseded: string | undefined;
  from: number;
  to: number;
  lost: number;
}

function isIn(
  { shard, from, to }: Group,
  operation: Operation,
  shards: Facts["header"]["topology"]["shards"],
): boolean {
  const { outcome, completedAt = -1, key } = operation;
  const inTime = outcome === "ok" && completedAt >= from && completedAt <= to;
  return inTime && isOwnWrite(operation) && shardOfKey(key, shards) === shard;
}
