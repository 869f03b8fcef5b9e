import { type Checker, duration, type EvidenceTable, plural, type Requirement } from "./checker.ts";
import { type Facts, toMs } from "./facts.ts";
import {
  fencedOff,
  type Hold,
  holdsOf,
  type Overlap,
  overlapsOf,
  type TokenFault,
  tokenFaultsOf,
} from "./lock-holds.ts";
import { primaryLosses } from "./losses.ts";
import { supersededPrimaries } from "./split-brain.ts";
import { unlessAllHeldUp } from "./unless-stalled.ts";
import { ran } from "./workloads.ts";

/** Overlaps and tokens listed in the evidence; the history has them all. */
const LISTED = 20;
/** Without the lock for longer than this is worth a note. */
const IDLE_MS = 1000;

/** Did two sessions ever believe to hold one lock at the same time? Would fencing have told them apart? */
export const lock: Checker = {
  name: "lock",
  summary: "no lock had two holders at once, by what each of them believed, and fencing tokens only grew",
  applies: (facts) => ran(facts, "lock"),
  requires: lockRequirements,
  stalled(facts, found) {
    const overlaps = overlapsOf(holdsOf(facts));
    const held = overlaps.map(({ first, until }) => ({ invokedAt: first.sentAt, completedAt: until }));
    const left = found.evidence.reason === "two-holders" ? unlessAllHeldUp(facts, found, held) : found;
    return { ...left, holds: true };
  },
  check(facts) {
    const holds = holdsOf(facts);
    const overlaps = overlapsOf(holds).map((overlap) => ({ ...overlap, why: whyTwo(facts, overlap) }));
    const faults = tokenFaultsOf(holds);
    const longestNs = overlaps.reduce((most, { from, until }) => Math.max(most, until - from), 0);
    const evidence = {
      acquired: holds.length,
      ...(overlaps.length > 0 && { timesTwo: overlaps.length, longestTwoMs: toMs(longestNs) }),
      tables: [...overlapTable(overlaps), ...tokenTable(faults)],
      notes: notesOf(facts, holds, faults),
    };
    const [first] = overlaps;
    if (first) {
      const causes = [...new Set(overlaps.map(({ why }) => why.cause))];
      const summary =
        `${first.second.client} held ${first.second.lock} while ${first.first.client} believed to ` +
        `hold it: ${first.why.text}; ${plural(overlaps.length, "time")} in all, for up to ${duration(longestNs / 1e6)}`;
      return { verdict: "fail", summary, evidence: { reason: "two-holders", causes, ...evidence } };
    }
    const [fault] = faults;
    if (fault) {
      const { before, after } = fault;
      const twice = before.token === after.token;
      const summary = `${after.client} got the token ${after.token} of ${after.lock} after ${before.client} had ${twice ? "got the same" : `got ${before.token}`}: fencing cannot tell which of them came later`;
      return {
        verdict: "fail",
        summary,
        evidence: { reason: twice ? "token-twice" : "token-went-back", ...evidence },
      };
    }
    const [locks, clients] = [
      new Set(holds.map((hold) => hold.lock)),
      new Set(holds.map(({ client }) => client)),
    ];
    const summary = `${plural(locks.size, "lock")} acquired ${plural(holds.length, "time")} by ${plural(clients.size, "session")}: never two holders at once, and every token was higher than those before`;
    return { verdict: "pass", summary, evidence };
  },
};

interface Cause {
  readonly cause: "expired" | "split-brain" | "failover" | "gone";
  readonly text: string;
}

/** How the second could get what the first still believed to hold. */
function whyTwo(facts: Facts, { first, second }: Overlap): Cause {
  if (second.heldFrom >= first.sentAt + first.ttlMs * 1e6) {
    return { cause: "expired", text: `its ${first.ttlMs} ms were over, and it went on` };
  }
  for (const { node, by, promotedAt } of supersededPrimaries(facts)) {
    const grantedLate = [first, second].find((hold) => hold.node === node && hold.heldFrom > promotedAt);
    if (grantedLate) {
      return {
        cause: "split-brain",
        text: `${node} granted it to ${grantedLate.client} after ${by} had been promoted in its place`,
      };
    }
    if (first.sentAt < promotedAt && second.heldFrom > promotedAt && [undefined, by].includes(second.node)) {
      return { cause: "failover", text: `it was lost when ${by} took the place of ${node}` };
    }
  }
  return { cause: "gone", text: `it was gone from ${second.node ?? "the server"} before its time` };
}

function overlapTable(overlaps: readonly (Overlap & { why: Cause })[]): EvidenceTable[] {
  if (overlaps.length === 0) return [];
  const believed = ({ client, token }: Hold) => `${client} (token ${token})`;
  return [
    {
      title: "Two holders at once, by what they believed; times since the run began",
      columns: ["holder", "from", "until", "other holder", "from", "until", "both for", "cause"],
      rows: overlaps
        .slice(0, 10)
        .map(({ first, second, from, until, why }) => [
          believed(first),
          at(first.heldFrom),
          at(first.until),
          believed(second),
          at(second.heldFrom),
          at(second.until),
          duration((until - from) / 1e6),
          why.cause,
        ]),
    },
  ];
}

function tokenTable(faults: readonly TokenFault[]): EvidenceTable[] {
  if (faults.length === 0) return [];
  return [
    {
      title: "Tokens that did not grow; times since the run began",
      columns: ["lock", "before", "told at", "token", "after", "asked at", "token"],
      rows: faults
        .slice(0, LISTED)
        .map(({ before, after }) => [
          after.lock,
          before.client,
          at(before.heldFrom),
          before.token,
          after.client,
          at(after.sentAt),
          after.token,
        ]),
    },
  ];
}

function at(ns: number): string {
  return `${(ns / 1e9).toFixed(3)} s`;
}

/**
 * A lock that nobody got shows nothing, one that a single session asked for neither, nor one that nobody got after the
 * failover.
 */
function lockRequirements(facts: Facts): Requirement[] {
  const holds = holdsOf(facts);
  const lossAt = primaryLosses(facts).at(-1)?.injectAt;
  const sessions = new Set(
    facts.operations
      .filter(({ workload, f }) => workload === "lock" && f === "acquire")
      .map(({ client }) => client),
  );
  return [
    {
      reason: "never-held",
      needs: "a lock that was granted",
      met: holds.length > 0,
      seen: "nobody ever got a lock",
      add: `Let it run while the service is well: "- wait: 2s" after "- start: lock"`,
    },
    {
      reason: "no-contention",
      needs: "at least two sessions that asked for locks",
      met: sessions.size > 1,
      seen: "one session alone asked for locks: there could be no second holder",
      add: `"- start: { lock: { sessions: 4 } }"`,
    },
    {
      reason: "not-held-after-loss",
      needs: "a lock that was granted after the last primary was lost",
      met: lossAt === undefined || holds.some(({ sentAt }) => sentAt > lossAt),
      seen: "nobody got a lock any more after the last primary was lost",
      add: `Add "- wait: 3s" after the failover, before "- stop: lock" or the end of the steps`,
    },
  ];
}

function notesOf(facts: Facts, holds: readonly Hold[], faults: readonly TokenFault[]): string[] {
  const notes: string[] = [];
  const refused = fencedOff(facts).length;
  if (refused > 0) {
    const who =
      faults.length > 0
        ? "and as tokens went back, these need not be the ones who came late"
        : "they came late, and were kept out by that";
    notes.push(
      `the resource refused ${plural(refused, "use")} with a token lower than one it had seen: ${who}`,
    );
  }
  const told = holds.map(({ heldFrom }) => heldFrom).sort((a, b) => a - b);
  const gap = told.slice(1).reduce((most, time, n) => Math.max(most, time - (told[n] as number)), 0);
  if (gap / 1e6 > IDLE_MS) notes.push(`for ${duration(gap / 1e6)} nobody got a lock`);
  return notes;
}
