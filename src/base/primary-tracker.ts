import type { TopologyEvent } from "../model/event.ts";

/** A replica took the place of primaries. */
export interface PrimaryChange {
  readonly by: string;
  readonly replaced: readonly string[];
}

/**
 * Who holds the place of primary, and who held it before and may not know that it is over. It is fed what the nodes say of
 * themselves (`role`, `follows`), in order, from the first look on.
 *
 * A node that was a replica and calls itself primary was promoted: in place of the node that it followed (cluster), or of
 * every other primary (HA, where there is one place). A node that was a primary and calls itself one again, after it was
 * paused or restarted, was not: it believes what it believed before. One that is told to be `detached` has left its primary and
 * holds nobody's place, until it is told to be `primary` after all.
 */
export class PrimaryTracker {
  readonly #inCluster: boolean;
  readonly #shardOf: (node: string) => number | undefined;
  readonly #role = new Map<string, string>();
  readonly #follows = new Map<string, string>();
  readonly #successor = new Map<string, string>();

  /** @param shardOf the planned shard of a node (cluster), for where it was not told whom a promoted node followed */
  constructor(kind: "ha" | "cluster", shardOf: (node: string) => number | undefined) {
    this.#inCluster = kind === "cluster";
    this.#shardOf = shardOf;
  }

  /** Takes the next event; what is no node's own account of its role is passed over. */
  take({ event, subject, to }: Pick<TopologyEvent, "event" | "subject" | "to">): PrimaryChange | undefined {
    if (subject === undefined || to === undefined) return undefined;
    if (event === "follows") {
      // Whoever was promoted and follows the one whose place it took has given it back: the failover was called off.
      if (this.#successor.get(to) === subject) this.#successor.delete(to);
      this.#follows.set(subject, to);
    }
    if (event !== "role") return undefined;
    const before = this.#role.get(subject);
    this.#role.set(subject, to);
    if (to !== "primary" || (before !== "replica" && before !== "detached")) return undefined;
    this.#successor.delete(subject);
    const replaced = this.#placeOf(subject);
    for (const node of replaced) this.#successor.set(node, subject);
    return { by: subject, replaced };
  }

  /** Who took the place of a node that last called itself primary; `undefined` for one whose place it still is, and for replicas. */
  successorOf(node: string): string | undefined {
    return this.#role.get(node) === "primary" ? this.#successor.get(node) : undefined;
  }

  #placeOf(promoted: string): string[] {
    const others = [...this.#role].filter(([node, role]) => role === "primary" && node !== promoted);
    if (!this.#inCluster) return others.map(([node]) => node);
    const followed = this.#follows.get(promoted);
    const isReplaced = (node: string) =>
      followed === undefined ? this.#shardOf(node) === this.#shardOf(promoted) : node === followed;
    return others.map(([node]) => node).filter(isReplaced);
  }
}
