import { shardOfKey } from "../base/slots.ts";
import type { Operation } from "../history/operations.ts";
import { type Facts, type FaultWindow, shardOfNode } from "./facts.ts";

/** The shards whose primary a fault hit; where it hit none, those of the nodes that it did hit. */
export function shardsHit(facts: Facts, { shards, targets }: FaultWindow): readonly number[] {
  if (shards.length > 0) return shards;
  const nodes = targets.flatMap((name) => name.split(">")); // of a link, both ends
  const own = nodes.map((name) => shardOfNode(facts, name)).filter((shard) => shard !== undefined);
  return [...new Set(own)].sort((a, b) => a - b);
}

/** Are there keys that both faults hit? In HA always. */
export function hitsTheSame(facts: Facts, one: FaultWindow, other: FaultWindow): boolean {
  if (facts.header.topology.shards.length === 0) return true;
  const own = shardsHit(facts, one);
  return shardsHit(facts, other).some((shard) => own.includes(shard));
}

/** Is it of a key of the shards that the fault hit? In HA always. */
export function isOfHit(facts: Facts, fault: FaultWindow): (operation: Operation) => boolean {
  const { shards } = facts.header.topology;
  if (shards.length === 0) return () => true;
  const hit = shardsHit(facts, fault);
  return ({ key }) => hit.includes(shardOfKey(key, shards) as number);
}
