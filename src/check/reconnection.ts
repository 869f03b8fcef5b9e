import type { Operation } from "../history/operations.ts";
import { type Checker, duration, plural } from "./checker.ts";
import { type Facts, toMs } from "./facts.ts";
import { overlap } from "./stalls.ts";
import { unlessAllHeldUp } from "./unless-stalled.ts";
import { answeredBeforeCut, ran, somethingAcknowledged, UNMEASURED } from "./workloads.ts";

/** A shorter stall is not worth a word. */
const TOLD_MS = 250;

/** Did the session that retries with backoff get every request through? */
export const reconnection: Checker = {
  name: "reconnection",
  summary: "a session that retries with backoff and jitter got every request through within its bound",
  applies: (facts) => ran(facts, "retrying-session"),
  requires(facts) {
    const operations = sessionOf(facts);
    return [
      somethingAcknowledged({ noun: "request", workload: "retrying-session", operations }),
      answeredBeforeCut(facts, operations, {
        reason: "ended-while-retrying",
        needs: "each request, to its answer or to its bound",
        lacking: (open) => `${plural(open, "request")} had no answer yet`,
        isFailed: ({ outcome }) => outcome !== "ok",
      }),
    ];
  },
  stalled(facts, found) {
    const session = sessionOf(facts);
    const failed = session.filter(({ outcome }) => outcome !== "ok");
    if (found.verdict !== "pass") return unlessAllHeldUp(facts, found, failed);
    const [first] = session;
    if (!first) return found;
    const longest = session.reduce((a, b) => (lengthMs(b) > lengthMs(a) ? b : a), first);
    const span = { from: longest.invokedAt, to: longest.completedAt ?? longest.invokedAt };
    const stalledMs = overlap(facts.stalls, span) / 1e6;
    if (stalledMs < TOLD_MS) return found;
    const told = `for ${duration(stalledMs)} of that valkey-drill itself stood still`;
    return { ...found, summary: `${found.summary}; ${told}` };
  },
  check(facts) {
    const session = sessionOf(facts);
    const failed = session.filter(({ outcome }) => outcome !== "ok");
    const [first] = failed;
    if (first) {
      return {
        verdict: "fail",
        summary:
          `${failed.length} of ${plural(session.length, "request")} did not get ` +
          `through: ${first.error?.message ?? "no answer came"}`,
        evidence: {
          reason: "gave-up",
          failed: failed.map(({ key, error, attempts }) => ({ key, attempts, error })),
        },
      };
    }
    if (session.length === 0) return UNMEASURED;
    const longest = session.reduce((a, b) => (lengthMs(b) > lengthMs(a) ? b : a));
    const retried = session.filter(({ attempts }) => attempts > 1).length;
    return {
      verdict: "pass",
      summary:
        `${plural(session.length, "request")} got through, ${retried} of them by retrying; ` +
        `the longest took ${duration(lengthMs(longest))} and ${plural(longest.attempts, "attempt")}`,
      evidence: {
        requests: session.length,
        retried,
        longestMs: lengthMs(longest),
        attempts: longest.attempts,
      },
    };
  },
};

function sessionOf(facts: Facts): Operation[] {
  return facts.operations.filter((operation) => operation.workload === "retrying-session");
}

function lengthMs(operation: Operation): number {
  return toMs((operation.completedAt ?? operation.invokedAt) - operation.invokedAt);
}
