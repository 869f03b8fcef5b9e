import type { Random } from "../base/random.ts";
import type { TopologyKind } from "../model/plan.ts";

/** What a fault chooses among when a schedule is made by chance. */
export interface ExploreOn {
  readonly random: Random;
  readonly kind: TopologyKind;
  /** Number of shards; 0 in HA. */
  readonly shards: number;
}

/** A fault as a scenario would write it. */
export interface Explored {
  readonly target: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** One of them by chance. */
export function oneOf<T>(random: Random, values: readonly [T, ...T[]]): T {
  return values[random.below(values.length)] as T;
}

/** Half of the time a primary, else a replica or (HA) a Sentinel. */
export function someNode({ random, kind, shards }: ExploreOn): Explored {
  if (kind === "ha") return { target: oneOf(random, ["primary", "primary", "replica", "sentinel"]) };
  return { target: `shard:${1 + random.below(shards)}/${oneOf(random, ["primary", "replica"])}` };
}

/** A primary more often than a replica; never a Sentinel. */
export function someDataNode({ random, kind, shards }: ExploreOn): Explored {
  const role = oneOf(random, ["primary", "primary", "replica"]);
  return { target: kind === "ha" ? role : `shard:${1 + random.below(shards)}/${role}` };
}
