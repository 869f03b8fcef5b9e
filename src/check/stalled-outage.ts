import { lengthOf, type OutageInterval } from "../service/outage-interval.ts";
import { duration, type Found, type StalledFound } from "./checker.ts";
import { type Facts, type FaultWindow, toMs } from "./facts.ts";
import { windowEnd } from "./losses.ts";
import type { Kind } from "./observed-by.ts";
import { type Bounds, boundsOf } from "./outage-bounds.ts";
import { type Question, questionsOf } from "./outage-coverage.ts";
import { stalledWords } from "./stalled-words.ts";
import { aftermathOf, lackedShare, type Stall, stallsAt } from "./stalls.ts";

/** One interval of failing operations, and the limit that it is held to. */
interface Held {
  readonly kind: Kind;
  readonly bounds: Bounds;
  readonly limitMs: number | undefined;
  /** The first of the fault's window: what the fault itself did. */
  readonly first: boolean;
  readonly stalls: readonly Stall[];
}

/**
 * What is left of a finding about outages once the tool's own stalls are taken off. A limit that was passed all the
 * same stays so; one that lies within the error is unknown; and so is an outage whose begin or end nobody observed.
 */
export function stalledOutage(facts: Facts, found: Found, faults: readonly FaultWindow[]): StalledFound {
  if (facts.stalls.length === 0) return found;
  const held = questionsOf(facts, faults).flatMap((question) => heldOf(facts, question));
  const touched = held.filter(({ bounds }) => bounds.errorMs > 0);
  // What the tool lacked the servers lacked: a limit that is passed without that share too is passed.
  const share = 1 - lackedShare(facts);
  if (touched.length === 0 || held.some((one) => isOver(one, 1)))
    return { ...found, holds: held.some((one) => isOver(one, share)) };
  const doubtful = touched.find(isDoubtful);
  if (!doubtful) return withError(found, touched);
  // no advice is given from what was not measured
  const { notes: _, reason, outageMs: __, ...evidence } = found.evidence;
  const { kind, bounds } = doubtful;
  const seen =
    bounds.ms === null
      ? "did not come back while they were seen"
      : `seemed to fail for ${duration(bounds.ms)}`;
  return {
    verdict: "unknown",
    summary:
      `${kind} ${seen}, but ${stalledWords(doubtful.stalls)}: for certain they ` +
      `failed for ${duration(bounds.leastMs)}`,
    evidence: {
      ...evidence,
      reason: "tool-stalled",
      ...(found.verdict === "fail" && { otherwise: reason }),
      leastMs: bounds.leastMs,
      mostMs: bounds.mostMs,
      ...(doubtful.limitMs !== undefined && { limitMs: doubtful.limitMs }),
    },
  };
}

/** How long an outage was. */
interface Length {
  /** `null`: its begin or its end was not seen, or it was not measured. */
  readonly ms: number | null;
  readonly errorMs: number;
  /** For so long it was seen to last. */
  readonly seenMs: number;
  /** Not measured, since the tool stood still. */
  readonly stalled?: true;
}

/** The longest of the intervals in ms with how far it may be off. */
export function lengthWithin(facts: Facts, fault: FaultWindow, intervals: readonly OutageInterval[]): Length {
  const until = windowEnd(facts, fault);
  let longest: Length = { ms: 0, errorMs: 0, seenMs: 0 };
  for (const [index, interval] of intervals.entries()) {
    const bounds = boundsOf(facts, interval, until);
    if (bounds.errorMs > 0 && (bounds.maybeNone ? index === 0 : bounds.unmeasured))
      return { ms: null, errorMs: 0, seenMs: 0, stalled: true };
    if (bounds.ms !== null && bounds.maybeNone) continue; // not the servers' for certain
    const seenMs = lengthOf(interval) / 1e6;
    if (seenMs < longest.seenMs) continue;
    const isWhole = bounds.ms !== null && !interval.startUnseen;
    longest = { ms: isWhole ? bounds.ms : null, errorMs: isWhole ? bounds.errorMs : 0, seenMs };
  }
  return longest;
}

function heldOf(facts: Facts, { entry, kind, limitMs }: Question): Held[] {
  const until = windowEnd(facts, entry.fault);
  return entry[kind].map((interval, index) => ({
    kind,
    bounds: boundsOf(facts, interval, until),
    limitMs,
    first: index === 0,
    stalls: stallsAt(facts, aftermathOf({ from: interval.startAt, to: interval.endAt ?? until })),
  }));
}

/** Even without all that the tool did not see. */
function isOver({ bounds, limitMs }: Held, share: number): boolean {
  return limitMs !== undefined && !bounds.maybeNone && bounds.leastMs * share > limitMs;
}

function isDoubtful({ bounds, limitMs, first }: Held): boolean {
  if (bounds.mostMs === null) return bounds.unmeasured || bounds.maybeNone;
  if (limitMs !== undefined && bounds.mostMs > limitMs) return true;
  return bounds.maybeNone ? first : bounds.unmeasured;
}

function withError(found: Found, touched: readonly Held[]): Found {
  const errorMs = Math.max(...touched.map(({ bounds }) => bounds.errorMs));
  const told =
    errorMs < 1 ? found.summary : `${found.summary}; ± ${duration(errorMs)}, since this tool stood still`;
  return { ...found, summary: told, evidence: { ...found.evidence, errorMs: toMs(errorMs * 1e6) } };
}
