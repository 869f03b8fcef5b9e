import { PrimaryTracker } from "../base/primary-tracker.ts";
import { type Facts, shardOfNode } from "./facts.ts";
import { once } from "./once.ts";
import { roleStory } from "./role-story.ts";

/** A replica that became a primary. */
export interface Promotion {
  /** Whose place it took. */
  readonly from: string;
  readonly to: string;
  /** The shard whose primary it became; not the one it was planned into, if it had migrated. `undefined` in HA. */
  readonly shard: number | undefined;
  /** ns on the run's clock, as our looks saw it. */
  readonly at: number;
}

/**
 * Every promotion of the run, in order. A replica that calls itself primary in nobody's place is not among them. What a node was
 * planned to be is what it was until it says something else.
 */
export const promotionsSeen = once((facts: Facts): readonly Promotion[] => {
  const { kind, nodes } = facts.header.topology;
  const primaryTracker = new PrimaryTracker(kind, (node) => shardOfNode(facts, node));
  for (const { name, role } of nodes)
    if (role !== "sentinel") primaryTracker.take({ event: "role", subject: name, to: role });
  const current = new Map<number | undefined, string>(); // of each shard, who was promoted last
  return roleStory(facts).events.flatMap((event) => {
    const found = primaryTracker.take(event);
    if (!found) return [];
    const shard = shardOfNode(facts, found.replaced[0] ?? found.by);
    const before = current.get(shard);
    current.set(shard, found.by);
    const isThere = before !== undefined && found.replaced.includes(before);
    return [{ from: (isThere ? before : found.replaced[0]) ?? "nobody", to: found.by, shard, at: event.at }];
  });
});
