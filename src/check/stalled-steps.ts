import { duration, type Found } from "./checker.ts";
import type { Facts } from "./facts.ts";
import type { Span } from "./span.ts";
import { overlap, stallsAt } from "./stalls.ts";
import { unknownFor } from "./unless-stalled.ts";

/** Less than this of what a step waited for decides nothing. */
const LEAST_SHARE = 0.1;
/** The tool counts how long it stood still a little more closely than its stalls tell. */
const COUNTED_SHARE = 0.8;

/**
 * A condition that did not come true in time, though the time in which the tool stood still was not counted, did not
 * come true in time. Where it was counted, nobody can tell.
 */
export function stalledSteps(facts: Facts, found: Found): Found {
  if (found.verdict !== "fail") return found;
  const late = facts.steps.filter(({ status }) => status === "timeout");
  let left = 0;
  const seen = late.map((step) => {
    const begin = facts.steps.findLast(
      ({ index, status, at }) => index === step.index && status === "begin" && at <= step.at,
    );
    const span: Span = { from: begin?.at ?? 0, to: step.at };
    const stalledNs = overlap(facts.stalls, span);
    const notCounted = (step.stoodStillMs ?? 0) * 1e6;
    left += step.stoodStillMs ?? 0;
    const isHeldUp =
      stalledNs > (span.to - span.from) * LEAST_SHARE && notCounted < stalledNs * COUNTED_SHARE;
    return { isHeldUp, span };
  });
  if (seen.length > 0 && seen.every(({ isHeldUp }) => isHeldUp))
    return unknownFor([...new Set(seen.flatMap(({ span }) => stallsAt(facts, span)))], found);
  if (left < 250) return found;
  const summary = `${found.summary} (not counted: ${duration(left)} in which valkey-drill itself stood still)`;
  return { ...found, summary };
}
