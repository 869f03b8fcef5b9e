import { worstVerdict } from "../model/outcome.ts";
import type { AcceptedResult, CheckResult } from "../model/result.ts";
import { duration, plural } from "./checker.ts";
import type { Facts } from "./facts.ts";
import { tallyOf } from "./fates.ts";
import { needlessPromotions, notReplaced } from "./promotions.ts";
import { supersededPrimaries } from "./split-brain.ts";

/** One thing that was let go, without its full text. */
interface Found {
  readonly what: string;
  readonly count: number;
  /** What there are `count` of, as a reader is told. */
  readonly told: string;
  /** Absent: nothing that a scenario says. */
  readonly allowedBy?: string;
}

type Source = (facts: Facts, checks: readonly CheckResult[]) => readonly Found[];

/**
 * What a drill that passes let go, and a stricter one would not have: each with the line of the scenario that allows
 * it. Of a drill that does not pass nothing is told. How long an outage was is no such thing: it is told of every
 * drill.
 */
export function acceptedOf(facts: Facts, checks: readonly CheckResult[]): AcceptedResult[] {
  if (worstVerdict(checks.map(({ verdict }) => verdict)) !== "pass") return [];
  return SOURCES.flatMap((source) => source(facts, checks))
    .filter(({ count }) => count > 0)
    .map(({ what, count, told, allowedBy }) => ({
      what,
      count,
      allowedBy: allowedBy ?? null,
      text: allowedBy === undefined ? told : `${told} allowed by ${allowedBy}`,
    }));
}

const SOURCES: readonly Source[] = [
  lostWrites,
  lostOnSharedKeys,
  splitBrain,
  notPromoted,
  needlessFailovers,
  staleReads,
  lateSteps,
  faultsLeftOut,
  unverified,
];

/** The line of `expect`, and whether it is the default that allows it. */
function expectation(facts: Facts, name: keyof Facts["header"]["expect"], more = ""): string {
  return facts.header.expect[name] === undefined
    ? `expect.${name}, which is not set`
    : `expect.${name}${more}`;
}

function lostWrites(facts: Facts): Found[] {
  const { length: count } = tallyOf(facts).notable.lost;
  const allowedBy = expectation(facts, "lostAcknowledgedWrites");
  return [{ what: "lost-writes", count, told: plural(count, "lost write"), allowedBy }];
}

/** What the checkers of shared keys found missing, at least. */
function lostOnSharedKeys(facts: Facts, checks: readonly CheckResult[]): Found[] {
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

function splitBrain(facts: Facts): Found[] {
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

function notPromoted(facts: Facts): Found[] {
  const { length: count } = notReplaced(facts);
  const told = `${count === 1 ? "1 lost primary" : `${count} lost primaries`} that no replica replaced`;
  return [{ what: "no-failover", count, told, allowedBy: expectation(facts, "promoted", ": false") }];
}

/**
 * Where nobody should be promoted each promotion fails the drill; where each loss must lead to one, a needless one
 * does.
 */
function needlessFailovers(facts: Facts): Found[] {
  const { length: count } = needlessPromotions(facts);
  const allowedBy = expectation(facts, "promoted");
  return [{ what: "needless-failovers", count, told: plural(count, "needless failover"), allowedBy }];
}

/** Of the evidence of `stale-reads`, as it stands there. */
interface Staleness {
  readonly reads?: { readonly stale: number };
  readonly staleness?: { readonly versions: { readonly max: number }; readonly ms: { readonly max: number } };
  readonly monotonicReads?: { readonly violations: number };
  readonly readYourWrites?: { readonly violations: number };
}

function staleReads(facts: Facts, checks: readonly CheckResult[]): Found[] {
  const evidence = checks.find(({ name }) => name === "stale-reads")?.evidence as Staleness | undefined;
  if (evidence?.reads === undefined || evidence.staleness === undefined) return [];
  const { reads, staleness, monotonicReads, readYourWrites } = evidence;
  const upTo = `${plural(staleness.versions.max, "version")}, ${duration(staleness.ms.max)}`;
  const [back, own] = [monotonicReads?.violations ?? 0, readYourWrites?.violations ?? 0];
  const allowedBy = expectation(facts, "staleness");
  return [
    {
      what: "stale-reads",
      count: reads.stale,
      told: `${plural(reads.stale, "stale read")} (up to ${upTo})`,
      allowedBy,
    },
    { what: "non-monotonic-reads", count: back, told: `${plural(back, "read")} that went back`, allowedBy },
    {
      what: "own-writes-unread",
      count: own,
      told: `${plural(own, "read")} that missed an own write`,
      allowedBy,
    },
  ];
}

function lateSteps(facts: Facts): Found[] {
  const { length: count } = facts.steps.filter(({ status }) => status === "timeout");
  const told = plural(count, "step");
  return [
    { what: "late-steps", count, told: `${told} whose condition did not come true`, allowedBy: "steps" },
  ];
}

function faultsLeftOut(facts: Facts): Found[] {
  const { length: count } = facts.observations("fault-skipped");
  const told = `${plural(count, "fault")} left out`;
  return [{ what: "faults-left-out", count, told, allowedBy: "optional: true" }];
}

function unverified({ integrity }: Facts): Found[] {
  const count = integrity.state === "verified" ? 0 : 1;
  return [{ what: "unverified-history", count, told: "a history that could not be verified" }];
}
