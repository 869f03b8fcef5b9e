import type { Operation } from "../history/operations.ts";
import { type AllowedLosses, allowedLossesOf, limitsLosses } from "./allowed-losses.ts";
import { type Checker, plural } from "./checker.ts";
import { type Facts, toMs } from "./facts.ts";
import {
  type EndsOfKey,
  endsByKey,
  type JudgedKey,
  lostSummary,
  notesOf,
  total,
  verdictOf,
} from "./shared-keys.ts";
import { ran, somethingAcknowledged } from "./workloads.ts";

/** What can be wrong with a list, the gravest first. */
const REASONS = [
  "foreign-elements",
  "phantom-elements",
  "duplicated-elements",
  "replicated-elements-lost",
  "acknowledged-elements-lost",
  "reordered-elements",
  "misplaced-elements",
] as const;
type Reason = (typeof REASONS)[number];

/** Elements listed in the evidence; the history has them all. */
const LISTED = 1000;

/**
 * Does every list hold what was appended to it, each element once and in order?
 *
 * - acknowledged elements are there, but for those that the loss of a primary allows
 * - of unknown end: there or not; refused: not there; nothing else is there, and nothing twice
 * - an element whose append was acknowledged before another's was sent stands before it, within a session and across
 *   them
 * - an element stands where its acknowledgement said: RPUSH answers the length that the list had then
 *
 * For a list that does one thing at a time this is exact: a list that passes could have come about so, and no other
 * could.
 */
export const append: Checker = {
  name: "append",
  summary: "every list holds each acknowledged element once, in order, and nothing that was not appended",
  judges: [
    {
      path: "lostAcknowledgedWrites",
      add: `Add "- start: append" before the first fault`,
      when: limitsLosses,
    },
  ],
  applies: (facts) => ran(facts, "append"),
  requires(facts) {
    const operations = facts.operations.filter(isAppend);
    return [somethingAcknowledged({ noun: "element", workload: "append", operations })];
  },
  check(facts) {
    const allowedLosses = allowedLossesOf(facts);
    const appends = facts.operations.filter(isAppend);
    const keys = endsByKey(appends).map((ends) => judgeList(facts, allowedLosses, ends));
    return verdictOf({
      keys,
      allowedLosses,
      reasons: REASONS,
      noun: "element",
      table: { title: "Lists", final: "length" },
      evidence: { notes: notesOf(facts, appends, "append") },
      pass: (missing) => {
        if (missing > 0) return lostSummary(keys, missing, allowedLosses, "element");
        return (
          `all ${plural(total(keys, "acknowledged"), "element")} ` +
          `acknowledged on ${plural(keys.length, "list")} are there, once and in order; ${total(keys, "unknown")} ` +
          `ended unknown`
        );
      },
    });
  },
};

function judgeList(facts: Facts, allowedLosses: AllowedLosses, ends: EndsOfKey): JudgedKey {
  const { key, own, acknowledged, unknown, refused } = ends;
  const list = facts.finalLists.get(key);
  const judged = {
    key,
    acknowledged: acknowledged.length,
    unknown: unknown.length,
    refused: refused.length,
    final: list?.length,
    missing: 0,
  };
  if (list === undefined) return judged;
  const places = placesIn(list);
  const gone = acknowledged.filter(({ value = "" }) => !places.has(value));
  const of = new Map(own.map((operation) => [operation.value ?? "", operation]));
  const say = (reason: Reason, elements: readonly string[], text: string) => ({
    ...judged,
    missing: gone.length,
    problem: { reason, text: `${key}: ${text}`, elements: elements.slice(0, LISTED) },
  });
  const some = (elements: readonly string[], what: string) =>
    `${plural(elements.length, "element")} ${what}, first ${elements[0]}`;

  const foreign = [...places.keys()].filter((element) => !of.has(element));
  if (foreign.length > 0) return say("foreign-elements", foreign, some(foreign, "that nobody appended"));
  const phantom = refused.map(({ value = "" }) => value).filter((element) => places.has(element));
  if (phantom.length > 0) {
    return say("phantom-elements", phantom, some(phantom, "whose append was refused are there all the same"));
  }
  const twice = [...places].filter(([, at]) => at.length > 1).map(([element]) => element);
  if (twice.length > 0) return say("duplicated-elements", twice, some(twice, "more than once"));

  const lost = gone.filter((operation) => !allowedLosses.mayBeLost(operation));
  if (lost.length > 0) {
    const seen = lost.filter((operation) => allowedLosses.replicated(operation));
    const named = (seen.length > 0 ? seen : lost).map(({ value = "" }) => value);
    return seen.length > 0
      ? say("replicated-elements-lost", named, some(named, "acknowledged and seen on the replicas are gone"))
      : say(
          "acknowledged-elements-lost",
          named,
          some(named, "acknowledged are gone, which no loss of a primary explains"),
        );
  }
  const appended = list.map((element) => of.get(element) as Operation);
  const swapped = outOfOrder(appended);
  if (swapped) {
    const { before, after } = swapped;
    const text =
      `${before.value} stands before ${after.value}, which was ` +
      `acknowledged at ${toMs(after.completedAt ?? 0)} ms, before the other was sent`;
    return say("reordered-elements", [before.value ?? "", after.value ?? ""], text);
  }
  const misplaced = appended.findIndex(
    ({ outcome, result }, at) => outcome === "ok" && result !== `${at + 1}`,
  );
  if (misplaced >= 0) {
    const { value = "", result } = appended[misplaced] as Operation;
    return say(
      "misplaced-elements",
      [value],
      `${value} was told place ${result}, and has place ${misplaced + 1}`,
    );
  }
  return { ...judged, missing: gone.length };
}

/** The first element that stands before one that had been acknowledged when it was sent. */
function outOfOrder(appended: readonly Operation[]): { before: Operation; after: Operation } | undefined {
  let soonest: Operation | undefined;
  for (const before of [...appended].reverse()) {
    if (soonest && (soonest.completedAt ?? 0) < before.invokedAt) return { before, after: soonest };
    const sooner =
      before.completedAt !== undefined && before.completedAt < (soonest?.completedAt ?? Infinity);
    if (before.outcome === "ok" && sooner) soonest = before;
  }
  return undefined;
}

function placesIn(list: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  list.forEach((element, at) => {
    const known = places.get(element);
    if (known) known.push(at);
    else places.set(element, [at]);
  });
  return places;
}

function isAppend({ workload, f }: Operation): boolean {
  return workload === "append" && f === "append";
}
