import { shardOfKey } from "../base/slots.ts";
import type { Operation } from "../history/operations.ts";
import { type Facts, type FaultWindow, shardOfNode } from "./facts.ts";
import { windowEnd } from "./losses.ts";
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
export function probeOperations(facts: Facts): Operation[] {
  return facts.operations.filter((operation) => operation.client === "probe");
}

/** What each of the faults did to the keys of the shards that it hit, and (cluster) to those of the others. */
export function outagesOf(facts: Facts, faults: readonly FaultWindow[]): FaultOutage[] {
  const probes = probeOperations(facts);
  const shards = new Map(
    probes.map((operation) => [operation.op, shardOfKey(operation.key, facts.header.topology.shards)]),
  );
  return faults.flatMap((fault) => {
    const hitShards = shardsHit(facts, fault);
    const window = { from: fault.injectAt, to: windowEnd(facts, fault) };
    const outage = (group: FaultOutage["group"]): FaultOutage => {
      const isHit = (operation: Operation) => {
        const shard = shards.get(operation.op);
        return shard === undefined || hitShards.includes(shard);
      };
      const own = probes.filter((operation) => isHit(operation) === (group === "hit"));
      const writes = own.filter((operation) => operation.f === "write");
      const reads = own.filter((operation) => operation.f === "read");
      const sentIn = ({ invokedAt }: Operation) => invokedAt > window.from && invokedAt <= window.to;
      return {
        fault,
        group,
        writes: stretchesOf(writes, window),
        reads: stretchesOf(reads, window),
        measured: { writes: writes.some(sentIn), reads: reads.some(sentIn) },
      };
    };
    return facts.header.topology.shards.length > 1 ? [outage("hit"), outage("others")] : [outage("hit")];
  });
}

/** The shards whose primary a fault hit; where it hit none, those of the nodes that it did hit. */
export function shardsHit(facts: Facts, { shards, targets }: FaultWindow): readonly number[] {
  if (shards.length > 0) return shards;
  const own = targets.map((name) => shardOfNode(facts, name)).filter((shard) => shard !== undefined);
  return [...new Set(own)].sort((a, b) => a - b);
}
