import { groupBy } from "../../base/group-by.ts";
import type { Facts } from "../facts.ts";
import { once } from "../once.ts";
import type { Span } from "../span.ts";

/**
 * A look at a node that does not answer takes so long: what was stopped at the same time as the primary counts as gone.
 */
export const STILL_SEEN_NS = 1e9;

/**
 * TILT lasts so long since its last cause, unless the Sentinel says that it left it (src/sentinel.c,
 * `sentinel_tilt_period`).
 */
export const TILT_NS = 30e9;

/** Did the data node answer us at that time, by our latest look? */
export function answersAt(facts: Facts, node: string, at: number): boolean {
  const last = facts.topology.findLast(
    (event) => event.event === "reachable" && event.subject === node && event.at <= at,
  );
  return last?.to !== "no";
}

/** How long in a time it answered us. */
export function answeredNs(facts: Facts, node: string, { from, to }: Span): number {
  const changes = facts.topology.filter(
    ({ event, subject, at }) => event === "reachable" && subject === node && at > from && at < to,
  );
  let [sum, since, answers] = [0, from, answersAt(facts, node, from)];
  for (const { at, to: now } of changes) {
    if (answers) sum += at - since;
    [since, answers] = [at, now === "yes"];
  }
  return answers ? sum + (to - since) : sum;
}

/** What each Sentinel was asked, in order. */
const askedOf = once((facts: Facts) =>
  groupBy(facts.observations("sentinel-quorum"), ({ sentinel }) => sentinel),
);

/** Does the Sentinel answer? By what it was asked; where nobody asked, unless a fault on it is in force. */
export function sentinelAnswersAt(facts: Facts, sentinel: string, at: number): boolean {
  const asked = askedOf(facts).get(sentinel);
  if (asked) return (asked.findLast((one) => one.at <= at) ?? asked[0])?.reachable ?? true;
  return !facts.faults.some(
    ({ targets, injectAt, healAt = Infinity }) => targets.includes(sentinel) && injectAt <= at && healAt > at,
  );
}

/** Was it in TILT at that time, in which a Sentinel acts on nothing? */
export function inTilt(facts: Facts, sentinel: string, at: number): boolean {
  const last = facts.topology.findLast(
    ({ event, source, detail = "", at: then }) =>
      event === "sentinel" && source === sentinel && then <= at && /^[+-]tilt\b/.test(detail),
  );
  return last?.detail?.startsWith("+") === true && at - last.at < TILT_NS;
}

/**
 * The longest time at the begin of a span in which a condition held without a break, told at the moments at which it
 * may have changed.
 */
export function heldUntil(span: Span, moments: readonly number[], holds: (at: number) => boolean): number {
  const inside = moments.filter((at) => at > span.from && at < span.to).sort((a, b) => a - b);
  for (const at of [span.from, ...inside]) if (!holds(at)) return at;
  return span.to;
}
