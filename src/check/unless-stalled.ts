import type { Checker, Found, StalledFound } from "./checker.ts";
import type { Facts } from "./facts.ts";
import type { Span } from "./span.ts";
import { stalledWords } from "./stalled-words.ts";
import { aftermathOf, isTooBusy, type Stall, stallsAt } from "./stalls.ts";

/** A shorter stall decides nothing that has limits of seconds. */
const LEAST_MS = 250;

/**
 * What is left of a checker's finding, given that the tool itself stood still at times, or that the machine was too
 * busy all the time.
 */
export function afterStalls(checker: Checker, found: Found, facts: Facts): Found {
  const { holds = checker.stalled === undefined, ...left }: StalledFound =
    checker.stalled?.(facts, found) ?? found;
  if (left.verdict !== "fail" || holds || !isTooBusy(facts)) return left;
  const { notes: _, ...evidence } = left.evidence; // no advice is given from what was not measured
  return {
    verdict: "unknown",
    summary: `the machine was too busy to measure on it; as far as it was seen: ${left.summary}`,
    evidence: { ...evidence, reason: "machine-too-busy", otherwise: evidence.reason },
  };
}

/** A failure that rests on what happened in these spans says nothing if the tool stood still in one of them. */
export function unlessStalledIn(
  facts: Facts,
  found: Found,
  spans: readonly Span[],
  leastMs = LEAST_MS,
): Found {
  if (found.verdict !== "fail") return found;
  const stalls = spans.flatMap((span) => stallsAt(facts, span, leastMs));
  return stalls.length === 0 ? found : unknownFor([...new Set(stalls)], found);
}

/** Unknown, since the tool stood still. */
export function unknownFor(stalls: readonly Stall[], found: Found): Found {
  const { notes: _, ...evidence } = found.evidence;
  return {
    verdict: "unknown",
    summary: `${stalledWords(stalls)}, so this says nothing of the servers: ${found.summary}`,
    evidence: { ...evidence, reason: "tool-stalled", otherwise: evidence.reason },
  };
}

/**
 * A fault that the drill was to heal lasted longer than it should, if the tool stood still meanwhile: what came of that
 * says nothing, neither does what did not come of it.
 */
export function unlessFaultsLasted(facts: Facts, found: Found): Found {
  const healed = facts.faults.filter(({ healAt }) => healAt !== undefined);
  return unlessStalledIn(
    facts,
    found,
    healed.map(({ injectAt, healAt, healedAt = healAt }) => ({ from: injectAt, to: healedAt as number })),
  );
}

/** The final inspection asks the nodes, and gives them limited time to agree. */
export function unlessStalledAtEnd(facts: Facts, found: Found): Found {
  const from = facts.steps.reduce((last, { at }) => Math.max(last, at), 0);
  return unlessStalledIn(facts, found, [{ from, to: facts.endedAt }]);
}

/**
 * A failure that all these operations make: of each that was under way in a stall, or was sent right after, nobody can
 * tell.
 */
export function unlessAllHeldUp(
  facts: Facts,
  found: Found,
  operations: readonly { readonly invokedAt: number; readonly completedAt?: number }[],
): Found {
  const stalls = operations.map(({ invokedAt, completedAt = facts.endedAt }) =>
    stallsAt(facts, aftermathOf({ from: invokedAt, to: completedAt }), LEAST_MS),
  );
  if (found.verdict !== "fail" || operations.length === 0 || stalls.some((at) => at.length === 0))
    return found;
  return unknownFor([...new Set(stalls.flat())], found);
}
