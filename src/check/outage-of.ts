import type { Operation } from "../history/operations.ts";

/** A time in which operations went wrong. `endAt` undefined: it had not ended when the window closed. ns. */
export interface Stretch {
  /** Completion of the last success before it. */
  readonly startAt: number;
  /** Completion of the first success that opens a lasting recovery. */
  readonly endAt?: number;
  /** It seemed to be over at that time, but the window closed too early to show that this lasts. */
  readonly seeminglyEndAt?: number;
  /** Operations in it that did not end well. */
  readonly disturbed: number;
}

/** An answer later than this is no service, whatever it says. */
export const STALL_MS = 250;
/**
 * A recovery is lasting if nothing sent for so long after its first success goes wrong. A disturbance shorter than this is
 * also over if the operations went well from its end until the window closed.
 */
export const LASTING_MS = 500;

/**
 * The stretches of a window in which a probe's operations did not end well in time. The probe sends at a fixed rate and
 * never waits, so a stalled server cannot hide its outage by stalling the probe (coordinated omission).
 *
 *     ok ok ok │ bad bad … bad ok bad … │ ok ok ok ok ok (LASTING_MS without a bad one)
 *            start                       end
 *
 * @param operations of one probe, in order of invocation
 */
export function stretchesOf(
  operations: readonly Operation[],
  window: { from: number; to: number },
): Stretch[] {
  // What was in flight when the window closed belongs to what closed it: the next fault.
  const relevant = operations.filter(
    ({ completedAt = Infinity }) => completedAt > window.from && completedAt <= window.to,
  );
  const stretches: Stretch[] = [];
  let index = 0;
  while (index < relevant.length) {
    if (!isBad(relevant[index] as Operation)) {
      index += 1;
      continue;
    }
    const first = index;
    const stretch = stretchFrom(
      relevant,
      first,
      lastSuccessBefore(operations, relevant[first] as Operation, window.from),
    );
    stretches.push(stretch.found);
    index = stretch.next;
  }
  return stretches;
}

/** The longest of the stretches in ms: 0 if there are none, `null` if one did not end. */
export function outageMs(stretches: readonly Stretch[]): number | null {
  if (stretches.some((stretch) => stretch.endAt === undefined)) return null;
  const lengths = stretches.map((stretch) => ((stretch.endAt as number) - stretch.startAt) / 1e6);
  return Math.round(Math.max(0, ...lengths) * 10) / 10;
}

function stretchFrom(
  operations: readonly Operation[],
  first: number,
  startAt: number,
): { found: Stretch; next: number } {
  let disturbed = 0;
  let lastBadAt = first;
  let recovery: Operation | undefined;
  for (let at = first; at < operations.length; at += 1) {
    const operation = operations[at] as Operation;
    if (isBad(operation)) {
      disturbed += 1;
      lastBadAt = at;
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
      endAt,
      seeminglyEndAt: endAt === undefined ? recovery?.completedAt : undefined,
      disturbed,
    },
    next: endAt === undefined ? operations.length : lastBadAt + 1,
  };
}

/** Answers may come in another order than that of sending: the latest of so many is the last. */
const LOOKED_BACK_AT = 100;

function lastSuccessBefore(operations: readonly Operation[], bad: Operation, otherwise: number): number {
  let last = -1;
  let seen = 0;
  for (let at = firstSentAt(operations, bad.invokedAt) - 1; at >= 0 && seen < LOOKED_BACK_AT; at -= 1) {
    const operation = operations[at] as Operation;
    if (isBad(operation)) continue;
    last = Math.max(last, operation.completedAt as number);
    seen += 1;
  }
  return seen === 0 ? otherwise : last;
}

/** Place of the first that was sent at that time or later. */
function firstSentAt(operations: readonly Operation[], time: number): number {
  let [low, high] = [0, operations.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((operations[middle] as Operation).invokedAt < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** It did not end well, or too late. */
export function isBad(operation: Operation): boolean {
  if (operation.outcome !== "ok" || operation.completedAt === undefined) return true;
  return operation.completedAt - (operation.due ?? operation.invokedAt) > STALL_MS * 1e6;
}

/** The longest of the stretches; one that did not end is longer than any that did. */
export function longest(stretches: readonly Stretch[]): Stretch | undefined {
  const length = ({ startAt, endAt = Infinity }: Stretch) => endAt - startAt;
  return stretches.toSorted((a, b) => length(b) - length(a))[0];
}
