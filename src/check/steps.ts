import { APP_AWAITED } from "../model/app.ts";
import { type FaultSkippedData, skippedAs } from "../model/observed.ts";
import { everOk } from "./app/coverage.ts";
import { sentAtARate } from "./app/probes.ts";
import type { Checker, Requirement } from "./checker.ts";
import type { Facts } from "./facts.ts";
import { stalledSteps } from "./stalled-steps.ts";

/** Did the run go through all its steps, and was it recorded whole? */
export const steps: Checker = {
  name: "steps",
  summary: "every step's condition came true in time, and the history was recorded to its end",
  applies: () => true,
  stalled: stalledSteps,
  requires: (facts) => [
    {
      reason: "no-steps",
      needs: "each step that began, to its end",
      met: facts.steps.some(({ status }) => status !== "begin"),
      seen: "no step came to its end, so nothing was drilled",
    },
    ...whatWasAwaited(facts),
  ],
  check(facts) {
    if (!facts.complete) {
      return {
        verdict: "unknown",
        summary: `the run was not recorded to its end: ${facts.endReason ?? "it broke off"}`,
        evidence: { reason: "incomplete" },
      };
    }
    const skipped = facts.observations("fault-skipped");
    const missed = skipped.find(({ optional }) => !optional);
    if (missed) {
      return {
        verdict: "unknown",
        summary: `${told(missed)}, so what the drill is about did not happen`,
        evidence: { reason: "fault-skipped", skipped },
      };
    }
    const late = facts.steps.filter((step) => step.status === "timeout");
    const [first] = late;
    if (first) {
      return {
        verdict: "fail",
        summary: `step ${first.index + 1}, ${first.name}: ${first.detail}`,
        evidence: {
          reason: "condition-not-met",
          steps: late.map(({ index, name, detail }) => ({ step: index + 1, name, detail })),
        },
      };
    }
    const done = facts.steps.filter((step) => step.status === "done").length;
    return {
      verdict: "pass",
      summary: [`${done} steps, each condition in time`, ...skipped.map(told)].join("; "),
      evidence: skipped.length > 0 ? { skipped } : {},
    };
  },
};

/**
 * A step that waits for the application waits in vain for a probe that asks for the wrong thing: that says nothing of
 * the application.
 */
function whatWasAwaited(facts: Facts): Requirement[] {
  const late = facts.steps.filter(({ status }) => status === "timeout");
  if (late.length === 0 || late.some(({ detail = "" }) => !detail.includes(APP_AWAITED))) return [];
  return sentAtARate(facts).map((view) => everOk(facts, view));
}

function told(skipped: FaultSkippedData): string {
  return `${skipped.fault} of ${skipped.target} was ${skippedAs(skipped)}: ${skipped.why}`;
}
