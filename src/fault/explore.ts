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

/** A primary more often than a replica, with options by chance. */
export function onDataNode(options: (random: Random) => Explored["options"]): (on: ExploreOn) => Explored {
  return (on) => ({ ...someDataNode(on), options: options(on.random) });
}

/** Links that a partition hurts: of one node, between roles, one way or both, and those of clients. */
export function someLinks({ random, kind, shards }: ExploreOn): Explored {
  if (kind === "ha") return { target: oneOf(random, HA_LINKS) };
  const shard = `shard:${1 + random.below(shards)}`;
  const [primary, replica] = [`${shard}/primary`, `${shard}/replica`];
  return {
    target: oneOf(random, [
      primary,
      replica,
      `${primary}<>${replica}`,
      `${primary}>${replica}`,
      `${replica}>${primary}`,
      `clients<>${primary}`,
    ]),
  };
}

const HA_LINKS = [
  ...(["primary", "replica", "sentinel"] as const),
  ...(["primary<>sentinels", "primary<>replicas", "primary<>replica", "sentinels<>replicas"] as const),
  ...(["primary>replicas", "replicas>primary", "primary>sentinels", "clients<>primary"] as const),
] as const;

/** A whole number from `least` to `most`. */
export function between(random: Random, least: number, most: number): number {
  return least + random.below(most - least + 1);
}
