import { worstVerdict } from "../model/outcome.ts";
import type { AcceptedResult, CheckResult } from "../model/result.ts";
import { type Accepted, plural } from "./checker.ts";
import { expectation } from "./expectations.ts";
import type { Facts } from "./facts.ts";
import { tallyOf } from "./fates.ts";
import { needlessPromotions, notReplaced } from "./promotions.ts";
import { supersededPrimaries } from "./split-brain.ts";

type Source = (facts: Facts, checks: readonly CheckResult[]) => readonly Accepted[];

/**
 * What a drill that passes let go, and a stricter one would not have: each with the line of the scenario that allows
 * it. Of a drill that does not pass nothing is told. How long an outage was is no such thing: it is told of every
 * drill.
 */
export function acceptedOf(
  facts: Facts,
  checks: readonly CheckResult[],
  byCheckers: readonly Accepted[],
): AcceptedResult[] {
  if (worstVerdict(checks.map(({ verdict }) => verdict)) !== "pass") return [];
  const from = (sources: readonly Source[]) => sources.flatMap((source) => source(facts, checks));
  return [...from(BEFORE), ...byCheckers, ...from(AFTER)]
    .filter(({ count }) => count > 0)
    .map(({ what, count, told, allowedBy }) => ({
      what,
      count,
      allowedBy: allowedBy ?? null,
      text: allowedBy === undefined ? told : `${told} allowed by ${allowedBy}`,
    }));
}

/** In the order in which they are told: those that checkers found stand between them. */
const BEFORE: readonly Source[] = [lostWrites, lostOnSharedKeys, splitBrain, notPromoted, needlessFailovers];
const AFTER: readonly Source[] = [lateSteps, faultsLeftOut, unverified];

function lostWrites(facts: Facts): Accepted[] {
  const { length: count } = tallyOf(facts).notable.lost;
  const allowedBy = expectation(facts, "lostAcknowledgedWrites");
  return [{ what: "lost-writes", count, told: plural(count, "lost write"), allowedBy }];
}

/** What the checkers of shared keys found missing, at least. */
function lostOnSharedKeys(facts: Facts, checks: readonly CheckResult[]): Accepted[] {
  const allowedBy = expectation(facts, "lostAcknowledgedWrites");
  return checks.flatMap(({ name, evidence: { missing } }) =>
    typeof missing === "number"
      ? [
          {
            what: `lost-${name}-operations`,
            count: missing,
            told: `at least ${plural(missing, "lost operation")} of ${name}`,
            allowedBy,
          },
        ]
      : [],
  );
}

function splitBrain(facts: Facts): Accepted[] {
  const superseded = supersededPrimaries(facts);
  const allowedBy = expectation(facts, "splitBrain");
  const sum = (of: "writes" | "unattributed") => superseded.reduce((all, one) => all + one[of].length, 0);
  const [taken, perhaps] = [sum("writes"), sum("unattributed")];
  return [
    {
      what: "split-brain-writes",
      count: taken,
      told: `${plural(taken, "write")} taken by a superseded primary`,
      allowedBy,
    },
    {
      what: "unattributed-writes",
      count: perhaps,
      told: `${plural(perhaps, "write")} that a superseded primary may have taken`,
      allowedBy,
    },
  ];
}

function notPromoted(facts: Facts): Accepted[] {
  const { length: count } = notReplaced(facts);
  const told = `${count === 1 ? "1 lost primary" : `${count} lost primaries`} that no replica replaced`;
  return [{ what: "no-failover", count, told, allowedBy: expectation(facts, "promoted", ": false") }];
}

/**
 * Where nobody should be promoted each promotion fails the drill; where each loss must lead to one, a needless one
 * does.
 */
function needlessFailovers(facts: Facts): Accepted[] {
  const { length: count } = needlessPromotions(facts);
  const allowedBy = expectation(facts, "promoted");
  return [{ what: "needless-failovers", count, told: plural(count, "needless failover"), allowedBy }];
}

function lateSteps(facts: Facts): Accepted[] {
  const { length: count } = facts.steps.filter(({ status }) => status === "timeout");
  const told = plural(count, "step");
  return [
    { what: "late-steps", count, told: `${told} whose condition did not come true`, allowedBy: "steps" },
  ];
}

function faultsLeftOut(facts: Facts): Accepted[] {
  const { length: count } = facts.observations("fault-skipped");
  const told = `${plural(count, "fault")} left out`;
  return [{ what: "faults-left-out", count, told, allowedBy: "optional: true" }];
}

function unverified({ integrity }: Facts): Accepted[] {
  const count = integrity.state === "verified" ? 0 : 1;
  return [{ what: "unverified-history", count, told: "a history that could not be verified" }];
}
