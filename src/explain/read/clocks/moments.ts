import type { EventLine, NodeId } from "../../model.ts";
import type { NodesFound } from "../nodes.ts";
import type { Ref } from "../phrases/told.ts";
import { type Draft, type Stream, utcOf } from "../streams.ts";

/** An event by the clock of its node, with the nodes that it names. */
export interface Moment {
  readonly node: NodeId;
  readonly kind: Draft["kind"];
  /** ms since 1970 by the node's clock, in UTC as far as that is known. */
  readonly at: number;
  readonly precisionMs: number;
  readonly subject?: NodeId;
  readonly to?: NodeId;
  readonly teller?: NodeId;
  readonly data: NonNullable<Draft["data"]>;
  readonly line: EventLine;
}

/** Two events of which one led to the other: `after` cannot have come earlier than `before`. */
export interface Pair {
  readonly before: Moment;
  readonly after: Moment;
  /** As a rule it takes no longer than that. */
  readonly soonMs?: number;
  /** An id, an epoch or an offset says that these two belong together; else only their order among their like does. */
  readonly sure: boolean;
}

/** Each node's events in the order of its own clock, each once. */
export function momentsOf(streams: readonly Stream[], { idOf }: NodesFound): Map<NodeId, Moment[]> {
  const byNode = new Map<NodeId, Moment[]>();
  const id = (ref: Ref | undefined) => ref && idOf(ref);
  const told = new Set<string>();
  for (const stream of streams) {
    const node = idOf(stream);
    if (node === undefined) continue;
    const moments = byNode.get(node) ?? [];
    byNode.set(node, moments);
    for (const draft of stream.drafts) {
      if (draft.times > 1) continue;
      const at = utcOf(stream, draft.line.at, draft.zoned);
      const key = `${node} ${at} ${draft.line.text}`;
      if (told.has(key)) continue;
      told.add(key);
      moments.push(momentOf(node, at, draft, id));
    }
  }
  for (const moments of byNode.values()) moments.sort((a, b) => a.at - b.at || a.line.lineNo - b.line.lineNo);
  return byNode;
}

/** One event of a stream as a moment. */
export function momentOf(
  node: NodeId,
  at: number,
  { kind, subject, to, teller, data = {}, line, precisionMs }: Draft,
  id: (ref: Ref | undefined) => NodeId | undefined,
): Moment {
  return { node, kind, at, precisionMs, subject: id(subject), to: id(to), teller: id(teller), data, line };
}

/** Clocks run at one pace: between two events of either list as much time goes by, but for what a message takes. */
const PACE_MS = 5000;

/**
 * Which of `after` follows which of `before`, where nothing but their order tells. One each belong together; of more,
 * those of which the
 * times between agree. None where two ways fit.
 */
export function aligned(before: readonly Moment[], after: readonly Moment[]): [Moment, Moment][] {
  if (before.length === 1 && after.length === 1) return zip(before, after, 0);
  const fits: [Moment, Moment][][] = [];
  for (let shift = 1 - after.length; shift < before.length; shift += 1) {
    const pairs = zip(before, after, shift);
    if (pairs.length > 1 && keepsPace(pairs)) fits.push(pairs);
  }
  const longest = Math.max(0, ...fits.map(({ length }) => length));
  const best = fits.filter(({ length }) => length === longest);
  return best.length === 1 ? (best[0] ?? []) : [];
}

function zip(before: readonly Moment[], after: readonly Moment[], shift: number): [Moment, Moment][] {
  return after.flatMap((one, at): [Moment, Moment][] => {
    const other = before[at + shift];
    return other === undefined ? [] : [[other, one]];
  });
}

function keepsPace(pairs: readonly [Moment, Moment][]): boolean {
  const differences = pairs.map(([a, b]) => b.at - a.at);
  return Math.max(...differences) - Math.min(...differences) <= PACE_MS;
}
