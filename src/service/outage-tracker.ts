import { LASTING_NS } from "./limits.ts";
import { type Asked, dueAt, isBad } from "./operation.ts";
import type { OutageInterval } from "./outage-interval.ts";

/**
 * Finds the outages of one stream of operations, which is fed one after the other in the order in which they were sent,
 * each with its end. The probe sends at a fixed rate and never waits, so a stalled server cannot hide its outage by
 * stalling the probe (coordinated omission).
 *
 *     ok ok ok │ bad bad … bad ok bad … │ ok ok ok ok ok (LASTING_MS without a bad one)
 *            start                       end
 */
export class OutageTracker {
  readonly #from: number;
  readonly #isBad: (operation: Asked) => boolean;
  readonly #successes = new RecentSuccesses();
  #open: Open | undefined;
  #seenUntil: number;

  /**
   * @param from when the look begins, ns: an outage before which no success was seen counts from there
   * @param isBadHere what counts as no service, where that is not what it is of a server; what never completed must
   */
  constructor(from: number, isBadHere: (operation: Asked) => boolean = isBad) {
    this.#from = from;
    this.#isBad = isBadHere;
    this.#seenUntil = from;
  }

  /** The next operation. @returns the outage that it shows to have ended, if it does */
  take(operation: Asked): OutageInterval | undefined {
    this.#seenUntil = dueAt(operation);
    if (this.#isBad(operation)) {
      this.#open ??= this.#begun(operation);
      extend(this.#open, operation);
      return undefined;
    }
    this.remember(operation);
    const open = this.#open;
    if (open === undefined) return undefined;
    open.recovery ??= operation;
    if (operation.invokedAt - open.recovery.invokedAt < LASTING_NS) return undefined;
    this.#open = undefined;
    return { ...this.#interval(open), endAt: open.recovery.completedAt as number };
  }

  /** A success that is no part of the look, but from which an outage may begin. */
  remember({ invokedAt, completedAt }: Asked): void {
    this.#successes.add(invokedAt, completedAt as number);
  }

  /** The outage that goes on, as it would stand if the look closed now. */
  current(): OutageInterval | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    const endAt = open.recovery?.completedAt;
    if (endAt === undefined) return this.#interval(open);
    const isShort = endAt - open.startAt < LASTING_NS;
    return { ...this.#interval(open), ...(isShort ? { endAt } : { seeminglyEndAt: endAt }) };
  }

  #begun(bad: Asked): Open {
    const success = this.#successes.lastBefore(bad.invokedAt);
    return {
      startAt: success ?? this.#from,
      startUnseen: success === undefined,
      firstBadAt: dueAt(bad),
      lastBadAt: 0,
      disturbed: 0,
      recovery: undefined,
    };
  }

  #interval({ startAt, startUnseen, firstBadAt, lastBadAt, disturbed }: Open): OutageInterval {
    return {
      startAt,
      ...(startUnseen && { startUnseen }),
      firstBadAt,
      lastBadAt,
      seenUntil: this.#seenUntil,
      disturbed,
    };
  }
}

/** One that goes on; `recovery` is the first success since the last that was bad. */
interface Open {
  readonly startAt: number;
  readonly startUnseen: boolean;
  readonly firstBadAt: number;
  lastBadAt: number;
  disturbed: number;
  recovery: Asked | undefined;
}

function extend(open: Open, bad: Asked): void {
  const answeredLate = bad.outcome === "ok" ? (bad.completedAt ?? 0) : 0;
  open.disturbed += 1;
  open.lastBadAt = Math.max(open.lastBadAt, dueAt(bad), answeredLate);
  open.recovery = undefined;
}

/** Answers may come in another order than that of sending: the latest of so many is the last. */
const LOOKED_BACK_AT = 100;
/** A few more are kept: several may be sent at the very time of the one that is looked back from. */
const KEPT = 128;

/** When the last successes were sent and answered. */
class RecentSuccesses {
  readonly #sentAt = new Float64Array(KEPT);
  readonly #answeredAt = new Float64Array(KEPT);
  #count = 0;

  add(sentAt: number, answeredAt: number): void {
    const place = this.#count % KEPT;
    this.#sentAt[place] = sentAt;
    this.#answeredAt[place] = answeredAt;
    this.#count += 1;
  }

  /** The latest answer to what was sent before that time; undefined: none is known. */
  lastBefore(time: number): number | undefined {
    let latest = -1;
    let seen = 0;
    const oldest = Math.max(0, this.#count - KEPT);
    for (let n = this.#count - 1; n >= oldest && seen < LOOKED_BACK_AT; n -= 1) {
      const place = n % KEPT;
      if ((this.#sentAt[place] as number) >= time) continue;
      latest = Math.max(latest, this.#answeredAt[place] as number);
      seen += 1;
    }
    return seen === 0 ? undefined : latest;
  }
}
