import { countWhile } from "../base/count-while.ts";
import { stallLength } from "../history/stalls.ts";
import type { StallData } from "../model/observed.ts";
import type { Result } from "../model/result.ts";
import { type Facts, toMs } from "./facts.ts";
import { once } from "./once.ts";
import { type Span, sharedNs } from "./span.ts";

/**
 * A time in which the tool itself stood still: it sent nothing, heard nothing, looked at nothing. ns on the run's
 * clock.
 */
export type Stall = StallData;

/** A stall of this length leaves traces: connections that the client gave up, timers that all come at once. */
const WITH_SHADOW_NS = 250e6;
/** They are gone so long after the stall, or sooner after a shorter one. */
const SHADOW_NS = 1e9;
/** Told one by one; the rest is counted. */
const LISTED = 50;

/** Longer than this is no lack of processor time: somebody stopped the tool, or the machine slept. */
const STOPPED_NS = 2e9;
/** A machine is too busy to measure if the tool lacked the processor for this share of the run … */
const BUSY_SHARE = 0.25;
/** … or for longer than this again and again: */
const LONG_NS = 100e6;
/** once in so long a time, over the whole run. */
const LONG_EVERY_NS = 1e9;

/** Each stall with what it left behind, none over another. */
export function shadowsOf(stalls: readonly Stall[]): Span[] {
  const spans: { from: number; to: number }[] = [];
  for (const stall of stalls) {
    const length = stallLength(stall);
    const to = stall.to + (length >= WITH_SHADOW_NS ? Math.min(length, SHADOW_NS) : 0);
    const last = spans.at(-1);
    if (last !== undefined && stall.from <= last.to) last.to = Math.max(last.to, to);
    else spans.push({ from: stall.from, to });
  }
  return spans;
}

const allShadows = once((facts: Facts) => shadowsOf(facts.stalls));

/** A time, and before it that in which a stall leaves something behind for it. */
export function aftermathOf({ from, to }: Span): Span {
  return { from: from - SHADOW_NS, to };
}

/** How much of the time nobody observed, ns; with what the stalls left behind. */
export function unobserved(facts: Facts, span: Span): number {
  return overlap(allShadows(facts), span);
}

/** The stalls that touch the time, and that are at least so long. */
export function stallsAt({ stalls }: Facts, { from, to }: Span, leastMs = 0): Stall[] {
  const found: Stall[] = [];
  for (let at = countWhile(stalls, (stall) => stall.to <= from - 1); at < stalls.length; at += 1) {
    const stall = stalls[at] as Stall;
    if (stall.from > to) break;
    if (stallLength(stall) >= leastMs * 1e6) found.push(stall);
  }
  return found;
}

/** Of spans in order, none over another: how much of the time they take. */
export function overlap(spans: readonly Span[], time: Span): number {
  let sum = 0;
  for (let at = countWhile(spans, (span) => span.to <= time.from); at < spans.length; at += 1) {
    const span = spans[at] as Span;
    if (span.from >= time.to) break;
    sum += sharedNs(span, time);
  }
  return sum;
}

/**
 * Was the machine too busy to measure on it? What the tool lacked the servers lacked as well: they may take each other
 * for dead. A tool that was stopped for a while, or a machine that slept, was not busy.
 */
export function isTooBusy(facts: Facts): boolean {
  const long = shortStalls(facts).filter((stall) => stallLength(stall) >= LONG_NS).length;
  return lackedShare(facts) > BUSY_SHARE || long > Math.max(5, facts.endedAt / LONG_EVERY_NS);
}

/** The share of the run in which the tool lacked the processor. */
export function lackedShare(facts: Facts): number {
  return shortStalls(facts).reduce((sum, stall) => sum + stallLength(stall), 0) / Math.max(1, facts.endedAt);
}

function shortStalls({ stalls }: Facts): Stall[] {
  return stalls.filter((stall) => stall.kind !== "busy" && stallLength(stall) < STOPPED_NS);
}

/** What the result tells of them. */
export function stallsOf(facts: Facts): Result["stalls"] {
  const lengths = facts.stalls.map(stallLength);
  const longest = facts.stalls.toSorted((a, b) => stallLength(b) - stallLength(a)).slice(0, LISTED);
  return {
    totalMs: toMs(lengths.reduce((sum, length) => sum + length, 0)),
    longestMs: toMs(lengths.reduce((a, b) => Math.max(a, b), 0)),
    count: lengths.length,
    tooBusy: isTooBusy(facts),
    longest: longest
      .sort((a, b) => a.from - b.from)
      .map((stall) => ({ fromMs: toMs(stall.from), tookMs: toMs(stallLength(stall)), kind: stall.kind })),
  };
}
