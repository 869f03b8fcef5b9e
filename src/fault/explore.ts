import type { Random } from "../base/random.ts";
import type { TopologyKind } from "../model/plan.ts";

/** What a fault chooses among when a schedule is made by chance. */
export interface ExploreOn {
  readonly random: Random;
  readonly kind: TopologyKind;
  /** Number of shards; 0 in HA. */
  readonly shards: number;
  /** How many of them, the last ones, were started without slots. */
  readonly emptyShards: number;
  /** Replicas of each shard, or of the primary; where shards differ, the fewest. */
  readonly replicas: number;
  /** Faults may be in force together. */
  readonly overlap: boolean;
  /** What was drawn for the same schedule before. */
  readonly before: readonly Drawn[];
}

/** A fault that was drawn: its kind, on what. */
export interface Drawn {
  readonly fault: string;
  readonly target: Explored["target"];
}

/** A fault as a scenario would write it. */
export interface Explored {
  readonly target: string | readonly string[];
  readonly options?: Readonly<Record<string, unknown>>;
}

/** One of them by chance. */
export function oneOf<T>(random: Random, values: readonly [T, ...T[]]): T {
  return values[random.below(values.length)] as T;
}

/** Half of the time a primary, else a replica or (HA) a Sentinel. */
export function someNode(on: ExploreOn): Explored {
  if (on.kind === "ha")
    return { target: oneOf(on.random, where(on, "primary", "primary", "replica", "sentinel")) };
  return { target: `${someShard(on)}/${oneOf(on.random, where(on, "primary", "replica"))}` };
}

/** A primary more often than a replica; never a Sentinel. */
export function someDataNode(on: ExploreOn): Explored {
  const role = oneOf(on.random, where(on, "primary", "primary", "replica"));
  return { target: on.kind === "ha" ? role : `${someShard(on)}/${role}` };
}

/** Only those targets that can mean somebody: where there are no replicas, the others. */
function where({ replicas }: ExploreOn, ...targets: [string, ...string[]]): [string, ...string[]] {
  const [first = targets[0], ...more] = targets.filter((text) => replicas > 0 || !text.includes("replica"));
  return [first, ...more];
}

function someShard({ random, shards }: ExploreOn): string {
  return `shard:${1 + random.below(shards)}`;
}

/** A primary more often than a replica, with options by chance. */
export function onDataNode(options: (random: Random) => Explored["options"]): (on: ExploreOn) => Explored {
  return (on) => ({ ...someDataNode(on), options: options(on.random) });
}

/** Links that a partition cuts: of one node, between roles, one way or both, and those of clients. */
export function someLinks(on: ExploreOn): Explored {
  if (on.kind === "ha") return { target: oneOf(on.random, where(on, ...HA_LINKS)) };
  const shard = someShard(on);
  const [primary, replica] = [`${shard}/primary`, `${shard}/replica`];
  const both = [`${primary}<>${replica}`, `${primary}>${replica}`, `${replica}>${primary}`];
  return { target: oneOf(on.random, where(on, primary, replica, ...both, `clients<>${primary}`)) };
}

const HA_LINKS = [
  ...(["primary", "replica", "sentinel"] as const),
  ...(["primary<>sentinels", "primary<>replicas", "primary<>replica", "sentinels<>replicas"] as const),
  ...(["primary>replicas", "replicas>primary", "primary>sentinels", "clients<>primary"] as const),
] as const;

/** The restart of one shard, or (HA) of the data nodes, of the replicas, or of the Sentinels. */
export function someNodesInOrder(on: ExploreOn): Explored {
  const all = (prefix: string) =>
    on.replicas > 0 ? [`${prefix}primary`, `${prefix}replicas`] : [`${prefix}primary`];
  if (on.kind === "cluster") return { target: all(`${someShard(on)}/`) };
  const some = on.replicas > 0 ? [["replicas"]] : [];
  return { target: oneOf(on.random, [all(""), ["sentinels"], ...some]) };
}

/** From which shard to which slots go, and how many shards have some; `undefined`: there is no such way. */
export function someWayOfSlots(
  on: ExploreOn,
): { readonly target: string; readonly toShard: number; readonly serving: number } | undefined {
  const serving = on.shards - on.emptyShards;
  if (serving < 2 || slotsMayBeOnTheirWay(on)) return undefined;
  const from = 1 + on.random.below(serving);
  const toShard = 1 + ((from + on.random.below(serving - 1)) % serving);
  return { target: `shard:${from}/primary`, toShard, serving };
}

/** Slots that are on their way twice at the same time would hinder each other: no fault of them is to be drawn. */
export function slotsMayBeOnTheirWay({ overlap, before }: ExploreOn): boolean {
  return overlap && before.some(({ fault }) => ["move-slots", "add-shard", "hold-slot"].includes(fault));
}

/** A whole number from `least` to `most`. */
export function between(random: Random, least: number, most: number): number {
  return least + random.below(most - least + 1);
}
