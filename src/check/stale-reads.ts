import { groupBy } from "../base/group-by.ts";
import { Histogram } from "../base/histogram.ts";
import type { Operation } from "../history/operations.ts";
import {
  type Accepted,
  type Checker,
  duration,
  type EvidenceTable,
  plural,
  type Requirement,
} from "./checker.ts";
import { asks, expectation } from "./expectations.ts";
import { type Facts, toMs, toSeconds } from "./facts.ts";
import { once } from "./once.ts";
import {
  type JudgedRead,
  judgeReads,
  nonMonotonicReads,
  unreadOwnWrites,
  type Violation,
} from "./versions.ts";
import { ran, somethingAcknowledged } from "./workloads.ts";

/** Violations listed in the evidence; the history has them all. */
const LISTED = 20;

const START = `Add "- start: stale-reads" and "- wait: 1s" before the first fault`;

/**
 * How stale were the reads from replicas? Replication is asynchronous, so a stale read is no failure by itself: it is
 * measured, and fails only where `expect.staleness` promises more. A value that nobody had written always fails.
 */
export const staleReads: Checker = {
  name: "stale-reads",
  summary: "how stale reads from replicas were, in versions and ms, and what sessions could not rely on",
  judges: [{ path: "staleness", add: START }],
  applies: (facts) => ran(facts, "stale-reads") || asks(facts, "staleness"),
  requires: stalenessRequirements,
  accepted: acceptedReads,
  check(facts) {
    const { writes, sent, reads } = judged(facts);
    const measured = reads.filter((read) => read.found === "version");
    const versions = spreadOf(measured.map(({ missed }) => missed));
    const ms = spreadOf(
      measured.map(({ staleMs }) => staleMs),
      1000,
    );
    const wentBack = nonMonotonicReads(reads);
    const ownUnread = unreadOwnWrites(writes, reads);
    const evidence = {
      reads: {
        measured: measured.length,
        stale: measured.filter(({ missed }) => missed > 0).length,
        unanswered: sent.length - reads.length,
        ofUnknownTime: reads.filter(({ found }) => found === "version of unknown time").length,
      },
      staleness: { versions, ms },
      monotonicReads: listed(wentBack),
      readYourWrites: listed(ownUnread),
      tables: tablesOf(measured, { versions, ms }, wentBack, ownUnread),
    };
    const fail = (reason: string, summary: string, more: object = {}) =>
      ({ verdict: "fail", summary, evidence: { reason, ...more, ...evidence } }) as const;

    const invented = reads.filter(({ found }) => found === "never written");
    if (invented.length > 0) {
      const summary = `${plural(invented.length, "read")} gave a value that nobody had written there`;
      return fail("never-written", summary, { values: invented.slice(0, LISTED).map(told) });
    }
    const refused = reads.filter(({ found }) => found === "refused");
    if (refused.length > 0) {
      const summary = `${plural(refused.length, "read")} gave a value whose write the error table calls refused`;
      return fail("phantom-writes", summary, { values: refused.slice(0, LISTED).map(told) });
    }
    const limits = facts.header.expect.staleness ?? {};
    const found =
      `${plural(measured.length, "replica read")}, ` +
      `99% within ${shortDuration(ms.p99)} (${plural(versions.p99, "version")}), the ` +
      `stalest ${shortDuration(ms.max)} (${plural(versions.max, "version")})`;
    const over = [
      ...above("missed versions", versions.max, limits.maxVersions, String),
      ...above("p99", ms.p99, limits.p99Ms, shortDuration),
      ...above("stalest read", ms.max, limits.maxMs, shortDuration),
    ];
    if (over.length > 0) return fail("too-stale", `${found}: ${over.join(", ")}`);
    if (limits.monotonicReads && wentBack.length > 0) {
      return fail(
        "non-monotonic-reads",
        `${plural(wentBack.length, "read")} went back: ${sentence(wentBack[0])}`,
      );
    }
    if (limits.readYourWrites && ownUnread.length > 0) {
      const summary =
        `${plural(ownUnread.length, "read")} missed a write of the same ` +
        `session: ${sentence(ownUnread[0])}`;
      return fail("own-writes-unread", summary);
    }
    const broken = `${wentBack.length} went back, ${ownUnread.length} missed a write of their own session`;
    return { verdict: "pass", summary: `${found}; ${broken}`, evidence };
  },
};

/** What was written and read, and each answer held against the versions that its key has had. */
const judged = once((facts: Facts) => {
  const writes = facts.operations.filter(isVersion);
  const sent = facts.operations.filter(isRead);
  return { writes, sent, reads: judgeReads(writes, sent) };
});

/** Versions were written, and reads were answered; where staleness is limited, while or after each fault, too. */
function stalenessRequirements(facts: Facts): Requirement[] {
  const { writes, sent, reads: answered } = judged(facts);
  const reads = answered.filter(({ found }) => found === "version");
  const missed = asks(facts, "staleness")
    ? facts.faults.find(({ injectAt }) => !reads.some(({ operation }) => operation.invokedAt >= injectAt))
    : undefined;
  const at =
    missed === undefined
      ? ""
      : ` after ${missed.fault} of ${missed.targets.join(", ")} at ${toSeconds(missed.injectAt)}`;
  return [
    {
      reason: "not-measured",
      needs: "reads from replicas that were answered with a version that is known",
      met: reads.length > 0,
      seen: `no read from a replica was measured: ${sent.length} sent, ${reads.length} answered`,
      add: START,
    },
    somethingAcknowledged({ noun: "write", workload: "stale-reads", operations: writes }),
    {
      reason: "no-reads-around-fault",
      needs: "such reads after each fault",
      met: missed === undefined,
      seen: `no read from a replica was measured${at}: how stale reads were then is not known`,
      add: `Let the reads run on: put "- stop: stale-reads" behind the last fault, or leave it out`,
    },
  ];
}

/** What half, 99 % and all of the values do not exceed. */
interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Three significant digits; the largest is exact, and none is above it.
 *
 * @param parts of one that are told apart: the histogram holds whole numbers
 */
function spreadOf(values: readonly number[], parts = 1): Spread {
  const histogram = new Histogram(3);
  for (const value of values) histogram.add(value * parts);
  const at = (share: number) => (histogram.atShare(share) ?? 0) / parts;
  return { p50: at(0.5), p99: at(0.99), max: histogram.max / parts };
}

/** Replicas on one machine lag by fractions of a millisecond. */
function shortDuration(ms: number): string {
  return ms > 0 && ms < 10 ? `${ms.toFixed(2)} ms` : duration(ms);
}

function above(
  what: string,
  value: number,
  limit: number | undefined,
  shown: (value: number) => string,
): string[] {
  return limit !== undefined && value > limit
    ? [`${what} ${shown(value)}, at most ${shown(limit)} expected`]
    : [];
}

function tablesOf(
  measured: readonly Extract<JudgedRead, { found: "version" }>[],
  { versions, ms }: { versions: Spread; ms: Spread },
  wentBack: readonly Violation[],
  ownUnread: readonly Violation[],
): EvidenceTable[] {
  const by = (violations: readonly Violation[], node: string) =>
    violations.filter(({ operation }) => nodeOf(operation) === node).length;
  const nodes = [...groupBy(measured, ({ operation }) => nodeOf(operation))].sort(([a], [b]) =>
    a.localeCompare(b),
  );
  return [
    {
      title: "Staleness of replica reads",
      columns: ["", "half within", "99% within", "stalest"],
      rows: [
        ["time", shortDuration(ms.p50), shortDuration(ms.p99), shortDuration(ms.max)],
        ["versions", versions.p50, versions.p99, versions.max],
      ],
    },
    {
      title: "Replica reads by who answered",
      columns: ["node", "reads", "stale", "stalest", "went back", "own write missed"],
      rows: nodes.map(([node, reads]) => [
        node,
        reads.length,
        reads.filter(({ missed }) => missed > 0).length,
        shortDuration(reads.reduce((max, { staleMs }) => Math.max(max, staleMs), 0)),
        by(wentBack, node),
        by(ownUnread, node),
      ]),
    },
  ];
}

function listed(violations: readonly Violation[]) {
  return {
    violations: violations.length,
    sessions: new Set(violations.map(({ session }) => session)).size,
    first: violations.slice(0, LISTED).map(({ session, key, knew, read, operation }) => ({
      session,
      key,
      knew,
      read,
      atMs: toMs(operation.completedAt ?? operation.invokedAt),
      node: nodeOf(operation),
    })),
  };
}

function sentence(violation: Violation | undefined): string {
  if (!violation) return "";
  const { session, key, knew, read, operation } = violation;
  return (
    `${session} knew version ${knew} of ${key}, ` +
    `and read ${read} from ${nodeOf(operation)} at ${toMs(operation.completedAt ?? 0)} ms`
  );
}

function told({ operation }: JudgedRead) {
  const { client, key, result } = operation;
  return { session: client, key, value: result, node: nodeOf(operation) };
}

function nodeOf({ node }: Operation): string {
  return node ?? "not known";
}

function isRead({ workload, f }: Operation): boolean {
  return workload === "stale-reads" && f === "read-replica";
}

function isVersion({ workload, f }: Operation): boolean {
  return workload === "stale-reads" && f === "write";
}

/** Of the evidence. */
interface Staleness {
  readonly reads?: { readonly stale: number };
  readonly staleness?: { readonly versions: { readonly max: number }; readonly ms: { readonly max: number } };
  readonly monotonicReads?: { readonly violations: number };
  readonly readYourWrites?: { readonly violations: number };
}

function acceptedReads(
  facts: Facts,
  { reads, staleness, monotonicReads, readYourWrites }: Staleness,
): Accepted[] {
  if (reads === undefined || staleness === undefined) return [];
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
