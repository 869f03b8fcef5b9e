import { shardOfKey } from "../base/slots.ts";
import type { Operation } from "../history/operations.ts";
import { type Facts, type FaultWindow, toMs } from "./facts.ts";
import { isOwnWrite, type JudgedWrite, tallyOf } from "./fates.ts";
import type { Taken } from "./replicated.ts";

/** What took the writes of a window back. */
export type LossCause =
  /** The primary that had acknowledged them, or that had got them since, was lost. */
  | "primary-lost"
  /** A fault removed data, and nobody was promoted for it. */
  | "data-removed"
  /** A node had acknowledged them after another had been promoted in its place. */
  | "superseded"
  /** A replica that took nobody's place had acknowledged them. */
  | "detached"
  /** Nobody told who acknowledged them, and a node that was no primary by right may have. */
  | "unattributed"
  /** No fault came after them that could have. */
  | "unexplained";

/** From the first to the last acknowledgement that one cause took back, in HA or in one shard. */
export interface LossWindow {
  readonly cause: LossCause;
  /** The fault that is the cause; of those that a superseded or detached node took there is none. */
  readonly fault?: FaultWindow;
  /**
   * The primary that took them after another had been promoted in its place: they are lost for that, and for no fault
   * after it.
   */
  readonly superseded?: string;
  /** The replica that took them while it was detached. */
  readonly detached?: string;
  /** Cluster: the shard of their keys. */
  readonly shard?: number;
  /** Acknowledged so long before the fault; below 0: after it. */
  readonly firstBeforeFaultMs?: number;
  readonly lastBeforeFaultMs?: number;
  /** Since the run began. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly lengthMs: number;
  /** Acknowledged writes that are lost. */
  readonly lost: number;
  /** Of those, they that were seen on the replicas before the fault. */
  readonly replicated: number;
  /** Acknowledged writes in the window in all: these, and those between them that survived. */
  readonly acknowledged: number;
}

/** The windows of the run in which acknowledged writes were lost, in order of time. */
export function lossWindowsOf(facts: Facts): LossWindow[] {
  const { shards } = facts.header.topology;
  const { lost: allLost } = tallyOf(facts).notable;
  const groups = new Map<string, Group>();
  for (const write of allLost) {
    const shard = shardOfKey(write.operation.key, shards);
    const { fault, taken } = write;
    const cause = causeOf(write);
    const name = `${cause} ${fault?.id} ${taken?.node} ${shard}`;
    const group = groups.get(name) ?? {
      cause,
      shard,
      fault,
      taken,
      from: Infinity,
      to: 0,
      lost: 0,
      replicated: 0,
    };
    const { completedAt = 0 } = write.operation;
    group.from = Math.min(group.from, completedAt);
    group.to = Math.max(group.to, completedAt);
    group.lost += 1;
    if (write.replicated) group.replicated += 1;
    groups.set(name, group);
  }
  return [...groups.values()]
    .sort((a, b) => a.from - b.from)
    .map((group) => {
      const { cause, from, to, fault, taken, shard, lost, replicated } = group;
      return {
        cause,
        fault,
        ...(taken && { [taken.as]: taken.node }),
        shard,
        firstBeforeFaultMs: fault && toMs(fault.injectAt - from),
        lastBeforeFaultMs: fault && toMs(fault.injectAt - to),
        firstAtMs: toMs(from),
        lastAtMs: toMs(to),
        lengthMs: toMs(to - from),
        lost,
        replicated,
        acknowledged: facts.operations.filter((operation) => isIn(group, operation, shards)).length,
      };
    });
}

/** What took a lost write back, by who acknowledged it, what had it, and what came after. */
export function causeOf({ fault, taken, nextLossAt }: JudgedWrite): LossCause {
  if (taken) return taken.perhaps ? "unattributed" : taken.as;
  if (!fault) return "unexplained";
  return nextLossAt === undefined ? "data-removed" : "primary-lost";
}

interface Group {
  readonly cause: LossCause;
  readonly shard: number | undefined;
  readonly fault: FaultWindow | undefined;
  readonly taken: Taken | undefined;
  from: number;
  to: number;
  lost: number;
  replicated: number;
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
