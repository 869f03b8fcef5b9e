/*
 *   ok │ stall ┊ bad bad bad ┊ stall │ ok        measured: │ to │, for certain: ┊ to ┊
 */

import { LASTING_MS } from "../service/limits.ts";
import type { OutageInterval } from "../service/outage-interval.ts";
import { type Facts, tenth } from "./facts.ts";
import { type Span, sharedNs } from "./span.ts";
import { aftermathOf, overlap, shadowsOf, stallsAt } from "./stalls.ts";

/** How long an outage was, given that the tool itself stood still in a part of it. Milliseconds. */
export interface Bounds {
  /** From the last success to the first of the lasting recovery; `null`: it did not end. */
  readonly ms: number | null;
  /** For so long the service surely failed; of one that did not end, until the window closed. */
  readonly leastMs: number;
  /** At most so long; `null`: it did not end. */
  readonly mostMs: number | null;
  /** How far `ms` may be off. */
  readonly errorMs: number;
  /** All of it may be the tool's own doing. */
  readonly maybeNone: boolean;
  /** Its begin, its end, or too much of it was not observed: `ms` says little. */
  readonly unmeasured: boolean;
}

/** What begins or ends so close to a stall begins or ends with it: the probe sends every few milliseconds. */
const EDGE_NS = 50e6;
/** An outage whose begin or end lies in a stall of this length was not measured. */
const LONG_MS = 1000;
/** Nor one of which so much was not observed. */
const MOST_UNSEEN = 0.25;
/** Of one that the stalls cover up to this share nobody can tell whether there was any. */
const ALL_SEEN = 0.25;

/** @param until when the window closed, ns: of an interval that did not end */
export function boundsOf(facts: Facts, interval: OutageInterval, until: number): Bounds {
  const { startAt, endAt } = interval;
  const span = { from: startAt, to: endAt ?? until };
  const before = seenLate(facts, startAt);
  const edges = atEdges(facts, span, endAt === undefined);
  const unseen = Math.min(span.to - span.from, Math.max(edges, longStalls(facts, span)));
  const ms = (span.to - span.from) / 1e6;
  const leastMs = Math.max(0, ms - unseen / 1e6);
  const long = stallsAt(facts, span, LONG_MS);
  const isLongAt = (time: Span) => stallsAt(facts, time, LONG_MS).length > 0;
  // After a stall the client may fail for a while by its own doing; it did not where a success was heard before the outage began.
  const begin = { from: startAt - EDGE_NS, to: startAt + EDGE_NS };
  const end = aftermathOf({ from: span.to, to: span.to + EDGE_NS });
  return {
    ms: endAt === undefined ? null : tenth(ms),
    leastMs: tenth(leastMs),
    mostMs: endAt === undefined ? null : tenth(ms + before / 1e6),
    errorMs: tenth(Math.max(unseen, before) / 1e6),
    maybeNone: unseen > 0 && leastMs <= ms * ALL_SEEN,
    unmeasured:
      long.some(({ kind }) => kind === "suspended") ||
      (long.length > 0 && (isLongAt(begin) || (endAt !== undefined && isLongAt(end)))) ||
      (unseen / 1e6 >= LASTING_MS && leastMs < ms * (1 - MOST_UNSEEN)),
  };
}

/**
 * The last success may have come before it was heard: at the begin of the stall in which, or at the end of which, it was heard.
 */
function seenLate(facts: Facts, startAt: number): number {
  const [stall] = stallsAt(facts, { from: startAt - EDGE_NS, to: startAt });
  return stall ? Math.max(0, startAt - stall.from) : 0;
}

/**
 * Of the begin and the end, what was not observed. A stall that lies within, with failures before and after it, hides no lasting
 * recovery if it is shorter than one.
 */
function atEdges(facts: Facts, { from, to }: Span, isOpen: boolean): number {
  const stalls = stallsAt(facts, { from, to });
  let first = from;
  let unseen = 0;
  for (const stall of stalls) {
    if (stall.from > first + EDGE_NS) break;
    unseen += sharedNs(stall, { from: first, to });
    first = Math.max(first, stall.to);
  }
  let last = to;
  for (const stall of isOpen ? [] : stalls.toReversed()) {
    if (stall.to < last - EDGE_NS || stall.to <= first) break;
    unseen += sharedNs(stall, { from: first, to: last });
    last = Math.min(last, stall.from);
  }
  return unseen;
}

/** Stalls that may hide a recovery, with what they left behind, wherever they lie. */
function longStalls(facts: Facts, { from, to }: Span): number {
  const long = stallsAt(facts, { from: from - EDGE_NS, to }, LASTING_MS);
  const slept = long.reduce((sum, { lostMs = 0 }) => sum + lostMs * 1e6, 0);
  return overlap(shadowsOf(long), { from, to }) + slept;
}
