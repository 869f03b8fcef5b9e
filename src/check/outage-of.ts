import { countWhile } from "../base/count-while.ts";
import type { Operation } from "../history/operations.ts";
import { toMs } from "./facts.ts";
import type { Span } from "./span.ts";

/** A time in which operations went wrong. `endAt` undefined: its end was not seen. ns. */
export interface OutageInterval {
  /** Completion of the last success before it; where none was seen, when the look began. */
  readonly startAt: number;
  /** No success was seen before it: it may have begun earlier than `startAt`. */
  readonly startUnseen?: true;
  /** Completion of the first success that opens a lasting recovery. */
  readonly endAt?: number;
  /** It seemed to be over at that time, but the window closed too early to show that this lasts. */
  readonly seeminglyEndAt?: number;
  /** Operations in it that did not end well. */
  readonly disturbed: number;
  /** When the first of those was due. */
  readonly firstBadAt: number;
  /** When the last of those was due, or got its late answer: it lasted until then at the least. */
  readonly lastBadAt: number;
  /** When the last operation was due that could have shown its end. */
  readonly seenUntil: number;
}

/** An answer later than this is no service, whatever it says. */
export const STALL_MS = 250;
/**
 * A recovery is lasting if nothing sent for so long after its first success goes wrong. A disturbance shorter than this is
 * also over if the operations went well from its end until the window closed.
 */
export const LASTING_MS = 500;

/**
 * The intervals of a window in which a probe's operations did not end well in time. The probe sends at a fixed rate and
 * never waits, so a stalled server cannot hide its outage by stalling the probe (coordinated omission).
 *
 *     ok ok ok │ bad bad … bad ok bad … │ ok ok ok ok ok (LASTING_MS without a bad one)
 *            start                       end
 *
 * @param operations of one probe, in order of invocation
 */
export function outageIntervalsOf(operations: readonly Operation[], window: Span): OutageInterval[] {
  // What was in flight when the window closed belongs to what closed it: the next fault.
  const relevant = operations.filter(
    ({ completedAt = Infinity }) => completedAt > window.from && completedAt <= window.to,
  );
  const intervals: OutageInterval[] = [];
  let index = 0;
  while (index < relevant.length) {
    if (!isBad(relevant[index] as Operation)) {
      index += 1;
      continue;
    }
    const first = index;
    const success = lastSuccessBefore(operations, relevant[first] as Operation);
    const interval = intervalFrom(relevant, first, success, window.from);
    intervals.push(interval.found);
    index = interval.next;
  }
  return intervals;
}

/** The longest of the intervals in ms: 0 if there are none, `null` if its end was not seen. */
export function outageMs(intervals: readonly OutageInterval[]): number | null {
  const found = longest(intervals);
  if (!found) return 0;
  return found.endAt === undefined || found.startUnseen ? null : toMs(lengthOf(found));
}

/** From its beginning to its end, or for as long as it was seen to last. ns. */
export function lengthOf({ startAt, endAt, seeminglyEndAt, seenUntil }: OutageInterval): number {
  return Math.max(0, (endAt ?? seeminglyEndAt ?? seenUntil) - startAt);
}

/**
 * How long it lasted for certain, ns. What lies between that and the successes around it is as long as the probe leaves between two
 * operations, and may have gone well.
 */
export function certainNs(interval: OutageInterval): number {
  const certain = Math.max(MOMENT_NS, interval.lastBadAt - interval.firstBadAt);
  return interval.endAt === undefined ? certain : Math.min(certain, Math.max(MOMENT_NS, lengthOf(interval)));
}

/** One operation that went wrong shows an outage, however short. */
const MOMENT_NS = 1e5;

function intervalFrom(
  operations: readonly Operation[],
  first: number,
  success: number | undefined,
  from: number,
): { found: OutageInterval; next: number } {
  const startAt = success ?? from;
  let disturbed = 0;
  let lastBadAt = first;
  let certainUntil = 0;
  let recovery: Operation | undefined;
  for (let at = first; at < operations.length; at += 1) {
    const operation = operations[at] as Operation;
    if (isBad(operation)) {
      disturbed += 1;
      lastBadAt = at;
      const answeredLate = operation.outcome === "ok" ? (operation.completedAt ?? 0) : 0;
      certainUntil = Math.max(certainUntil, dueAt(operation), answeredLate);
      recovery = undefined;
    } else {
      recovery ??= operation;
      if (operation.invokedAt - recovery.invokedAt >= LASTING_MS * 1e6) break;
    }
  }
  const last = operations.at(-1) as Operation;
  const lasted = recovery !== undefined && last.invokedAt - recovery.invokedAt >= LASTING_MS * 1e6;
  // The window may close too early to show that a recovery lasts. Of a short disturbance it is believed all the same.
  const short = recovery?.completedAt !== undefined && recovery.completedAt - startAt < LASTING_MS * 1e6;
  const endAt = lasted || short ? recovery?.completedAt : undefined;
  return {
    found: {
      startAt,
      ...(success === undefined && { startUnseen: true }),
      firstBadAt: dueAt(operations[first] as Operation),
      lastBadAt: certainUntil,
      seenUntil: dueAt(last),
      endAt,
      seeminglyEndAt: endAt === undefined ? recovery?.completedAt : undefined,
      disturbed,
    },
    next: endAt === undefined ? operations.length : lastBadAt + 1,
  };
}

/** Answers may come in another order than that of sending: the latest of so many is the last. */
const LOOKED_BACK_AT = 100;

function lastSuccessBefore(operations: readonly Operation[], bad: Operation): number | undefined {
  let last = -1;
  let seen = 0;
  const sentBefore = countWhile(operations, ({ invokedAt }) => invokedAt < bad.invokedAt);
  for (let at = sentBefore - 1; at >= 0 && seen < LOOKED_BACK_AT; at -= 1) {
    const operation = operations[at] as Operation;
    if (isBad(operation)) continue;
    last = Math.max(last, operation.completedAt as number);
    seen += 1;
  }
  return seen === 0 ? undefined : last;
}

/** When it was to be sent. */
export function dueAt({ due, invokedAt }: Operation): number {
  return due ?? invokedAt;
}

/** It did not end well, or too late. */
export function isBad(operation: Operation): boolean {
  if (operation.outcome !== "ok" || operation.completedAt === undefined) return true;
  return operation.completedAt - dueAt(operation) > STALL_MS * 1e6;
}

/** The longest of the intervals; one of which no end was seen counts for as long as it was seen. */
export function longest(intervals: readonly OutageInterval[]): OutageInterval | undefined {
  return intervals.toSorted((a, b) => lengthOf(b) - lengthOf(a))[0];
}
