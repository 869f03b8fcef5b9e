import { type Asked, isBad } from "./operation.ts";
import type { OutageInterval } from "./outage-interval.ts";
import { OutageTracker } from "./outage-tracker.ts";

/**
 * The outages of a whole history within a window, by the same tracker that sees them while they last. What was in
 * flight when the window closed belongs to what closed it: the next fault.
 *
 * @param operations of one stream, in order of invocation
 * @param isBadHere what counts as no service, where that is not what it is of a server
 */
export function outageIntervalsOf(
  operations: readonly Asked[],
  window: { readonly from: number; readonly to: number },
  isBadHere: (operation: Asked) => boolean = isBad,
): OutageInterval[] {
  const tracker = new OutageTracker(window.from, isBadHere);
  const outages: OutageInterval[] = [];
  for (const operation of operations) {
    const { completedAt = Infinity } = operation;
    if (completedAt > window.from && completedAt <= window.to) {
      const ended = tracker.take(operation);
      if (ended) outages.push(ended);
    } else if (!isBadHere(operation)) tracker.remember(operation);
  }
  const last = tracker.current();
  return last ? [...outages, last] : outages;
}
