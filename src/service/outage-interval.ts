/** A time in which operations went wrong. `endAt` undefined: its end was not seen. ns on the run's clock. */
export interface OutageInterval {
  /** Completion of the last success before it; where none was seen, when the look began. */
  readonly startAt: number;
  /** No success was seen before it: it may have begun earlier than `startAt`. */
  readonly startUnseen?: true;
  /** Completion of the first success that opens a lasting recovery. */
  readonly endAt?: number;
  /** It seemed to be over at that time, but the look closed too early to show that this lasts. */
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

/** From its beginning to its end, or for as long as it was seen to last. ns. */
export function lengthOf({ startAt, endAt, seeminglyEndAt, seenUntil }: OutageInterval): number {
  return Math.max(0, (endAt ?? seeminglyEndAt ?? seenUntil) - startAt);
}

/**
 * How long it lasted for certain, ns. What lies between that and the successes around it is as long as the probe leaves between two
 * operations, and may have gone well.
 */
export function certainNs(outage: OutageInterval): number {
  const certain = Math.max(MOMENT_NS, outage.lastBadAt - outage.firstBadAt);
  return outage.endAt === undefined ? certain : Math.min(certain, Math.max(MOMENT_NS, lengthOf(outage)));
}

/** One operation that went wrong shows an outage, however short. */
const MOMENT_NS = 1e5;

/** The longest; one of which no end was seen counts for as long as it was seen. */
export function longest(outages: readonly OutageInterval[]): OutageInterval | undefined {
  return outages.toSorted((a, b) => lengthOf(b) - lengthOf(a))[0];
}

/** The longest in ms, to a tenth: 0 if there are none, `null` if its end was not seen. */
export function outageMs(outages: readonly OutageInterval[]): number | null {
  const found = longest(outages);
  if (!found) return 0;
  return found.endAt === undefined || found.startUnseen ? null : Math.round(lengthOf(found) / 1e5) / 10;
}
