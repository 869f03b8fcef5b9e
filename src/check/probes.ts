import { shardOfKey } from "../base/slots.ts";
import type { Operation } from "../history/operations.ts";
import { type Facts, type FaultWindow, shardOfNode } from "./facts.ts";
import { hurtingFaults, windowEnd } from "./losses.ts";
import { once } from "./once.ts";
import { type Stretch, stretchesOf } from "./outage-of.ts";

/** What one fault did to one group of keys. */
export interface FaultOutage {
  readonly fault: FaultWindow;
  /** `hit`: the shards that the fault hit (in HA: everything); `others`: the rest of the cluster. */
  readonly group: "hit" | "others";
  readonly writes: readonly Stretch[];
  readonly reads: readonly Stretch[];
  /** Did the probe send any after the fault? Without that, no stretch says nothing. */
  readonly measured: { readonly writes: boolean; readonly reads: boolean };
}

/** The operations of the probe: sent at a fixed rate, never waiting. */
export const probeOperations = once((facts: Facts): readonly Operation[] =>
  facts.operations.filter((operation) => operation.client === "probe"),
);

/** What each of the faults did to the keys of the shards that it hit, and (cluster) to those of the others. */
export function outagesOf(facts: Facts, faults: readonly FaultWindow[]): FaultOutage[] {
  const known = outagesByFault(facts);
  return faults.flatMap((fault) => {
    const outages = known.get(fault) ?? measure(facts, fault);
    known.set(fault, outages);
    return outages;
  });
}

/** Checkers and counts ask for the same ones again and again. */
const outagesByFault = once((_: Facts) => new Map<FaultWindow, readonly FaultOutage[]>());

function measure(facts: Facts, fault: FaultWindow): FaultOutage[] {
  const { writes, reads } = streamsOf(facts);
  const window = { from: fault.injectAt, to: windowEnd(facts, fault) };
  const outage = (group: FaultOutage["group"], shards?: readonly number[]): FaultOutage => {
    const own = { writes: toShards(writes, shards), reads: toShards(reads, shards) };
    const sentIn = ({ invokedAt }: Operation) => invokedAt > window.from && invokedAt <= window.to;
    return {
      fault,
      group,
      writes: stretchesIn(facts, own.writes, fault),
      reads: stretchesIn(facts, own.reads, fault),
      measured: { writes: own.writes.some(sentIn), reads: own.reads.some(sentIn) },
    };
  };
  const all = facts.header.topology.shards.map(({ shard }) => shard);
  if (all.length === 0) return [outage("hit")];
  const hit = shardsHit(facts, fault);
  const others = all.filter((shard) => !hit.includes(shard));
  return all.length > 1 ? [outage("hit", hit), outage("others", others)] : [outage("hit", hit)];
}

/**
 * The stretches of a fault's own window. What had not ended when another fault came, while this one was still in force, goes on: it is
 * followed until it ended, or until the last fault in force with it was over.
 */
function stretchesIn(facts: Facts, operations: readonly Operation[], fault: FaultWindow): Stretch[] {
  const from = fault.injectAt;
  const own = windowEnd(facts, fault);
  const isOpen = (stretches: readonly Stretch[]) => stretches.some(({ endAt }) => endAt === undefined);
  const together = [fault];
  let to = own;
  let found = stretchesOf(operations, { from, to });
  for (const next of hurtingFaults(facts)) {
    const inForce = together.some(({ healAt = Infinity }) => healAt > next.injectAt);
    if (next.injectAt !== to || !inForce || !isOpen(found)) continue;
    together.push(next);
    to = windowEnd(facts, next);
    found = stretchesOf(operations, { from, to }).filter(({ startAt }) => startAt < own);
  }
  return found;
}

/** Operations in order of invocation; in a cluster with the shard of each. */
interface Stream {
  readonly operations: readonly Operation[];
  readonly shards: readonly (number | undefined)[];
}

const streamsOf = once((facts: Facts): { readonly writes: Stream; readonly reads: Stream } => {
  const { shards } = facts.header.topology;
  const stream = (f: string): Stream => {
    const operations = probeOperations(facts).filter((operation) => operation.f === f);
    return {
      operations,
      shards: shards.length > 0 ? operations.map(({ key }) => shardOfKey(key, shards)) : [],
    };
  };
  return { writes: stream("write"), reads: stream("read") };
});

/** @param shards undefined: all */
function toShards({ operations, shards }: Stream, wanted?: readonly number[]): readonly Operation[] {
  if (!wanted) return operations;
  return operations.filter((_, n) => wanted.includes(shards[n] as number));
}

/** The shards whose primary a fault hit; where it hit none, those of the nodes that it did hit. */
export function shardsHit(facts: Facts, { shards, targets }: FaultWindow): readonly number[] {
  if (shards.length > 0) return shards;
  const nodes = targets.flatMap((name) => name.split(">")); // of a link, both ends
  const own = nodes.map((name) => shardOfNode(facts, name)).filter((shard) => shard !== undefined);
  return [...new Set(own)].sort((a, b) => a - b);
}
