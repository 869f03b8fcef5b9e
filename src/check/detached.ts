import type { Operation } from "../history/operations.ts";
import type { Facts } from "./facts.ts";
import { once } from "./once.ts";
import { type Detachment, roleStory } from "./role-story.ts";
import { changesData } from "./split-brain.ts";

/** A replica that called itself primary in nobody's place, and what it did meanwhile. */
export interface Detached extends Detachment {
  /** How long it called itself primary beside the one that there was. */
  readonly asPrimaryMs: number;
  /** Writes that it acknowledged to the drill's clients. */
  readonly writes: readonly Operation[];
  /** Acknowledged in that time by nobody knows whom: the client library does not tell. */
  readonly unattributed: readonly Operation[];
}

/** A node may have changed its role for as long as that before a look shows it. */
const LOOKS_LATE = 2;
const LOOK_EVERY_MS = 20;

/**
 * The replicas that were detached, in order. What clients write to one is lost when it follows its primary again: two
 * primaries took writes, though nobody was promoted. A cluster's node without slots takes none.
 */
export const detachedPrimaries = once((facts: Facts): readonly Detached[] => {
  const { kind, lookEveryMs = LOOK_EVERY_MS } = facts.header.topology;
  if (kind === "cluster") return [];
  const lateNs = LOOKS_LATE * lookEveryMs * 1e6;
  const { detachments } = roleStory(facts);
  if (detachments.length === 0) return [];
  const acknowledged = facts.operations.filter(
    (operation) => operation.outcome === "ok" && changesData(operation),
  );
  return detachments.map((one): Detached => {
    const until = one.endedAt ?? facts.endedAt;
    const within = ({ completedAt = -1 }: Operation, from: number) =>
      completedAt >= from && completedAt <= until;
    // A replica acknowledges no write: what it acknowledged right before the look that shows it, it took as a primary.
    const writes = acknowledged.filter(
      (operation) => operation.node === one.node && within(operation, one.at - lateNs),
    );
    const unattributed = acknowledged.filter(
      (operation) => operation.node === undefined && within(operation, one.at),
    );
    return { ...one, asPrimaryMs: (until - one.at) / 1e6, writes, unattributed };
  });
});
