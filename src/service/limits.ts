/*
 * The one answer to "is the service well?". Check, the live session, the live page and the bake-off all count by these, so that the
 * figures of one can be held against those of another. They are constants, no options: two results compare only if both were made alike.
 *
 *     due ──STALL_MS──▶ bad     first success ──LASTING_MS──▶ the outage had ended with it ─ ─ STABLE_MS ─ ─▶ the drill goes on
 */

/**
 * An operation that ends later than this after it was due is no service, whatever the answer says. Far more than a sound server takes on a
 * busy machine (a few ms), and far less than any failover (most take a second or more). It also bounds how late anything is known: of each
 * operation it is settled by then whether it went well.
 */
export const STALL_MS = 250;

/**
 * A recovery lasts if nothing that was sent for so long after its first success goes wrong. Twice `STALL_MS`: what was sent with that first
 * success has been answered by then, or counts as bad. One success in the middle of failures ends nothing. A disturbance shorter than this
 * is believed to be over, too, if all went well from its end until the look at it closed.
 */
export const LASTING_MS = 500;

/**
 * So long ago must an outage have ended before a drill goes on (`await: recovered`), or a client of the bake-off counts as well. Twice
 * `LASTING_MS`: the next fault must not come within the time by which the checkers tell that the recovery lasted.
 */
export const STABLE_MS = 1000;

export const STALL_NS = STALL_MS * 1e6;
export const LASTING_NS = LASTING_MS * 1e6;
export const STABLE_NS = STABLE_MS * 1e6;
