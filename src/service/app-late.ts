import { STALL_MS } from "./limits.ts";

/** An application does more than a server between question and answer: twice what a server is granted. */
const LATE_MS = 2 * STALL_MS;
/** And one that is slow by nature, so many times what it usually takes. */
const LATE_FACTOR = 4;

/** What is delivered may take so long, or so many times what it took at the most. */
const LEAST_GRACE_MS = 2000;
const GRACE_FACTOR = 3;

/** How long after a write it may still be delivered, ns. @param longestNs what one took at the most */
export function deliveryGraceNs(longestNs: number): number {
  return Math.max(LEAST_GRACE_MS * 1e6, GRACE_FACTOR * longestNs);
}

/** So many good answers before the first fault tell how long an application usually takes. */
export const TELLING = 10;

/** An answer that comes later than this after it was due is no service, ns. @param usualNs what it usually takes */
export function lateNs(usualNs: number): number {
  return Math.max(LATE_MS * 1e6, LATE_FACTOR * usualNs);
}
