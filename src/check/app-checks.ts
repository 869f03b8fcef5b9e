import type { ProbeHeader } from "../model/app.ts";
import type { Observed } from "../model/observed.ts";
import { everOk, rightBefore } from "./app/coverage.ts";
import { firstLine, probeViews } from "./app/probes.ts";
import type { Checker, EvidenceTable, Requirement } from "./checker.ts";
import { type Facts, toSeconds } from "./facts.ts";

/** What the probes found that are sent once: before the first fault, and after the last. */
export const appChecks: Checker = {
  name: "app-checks",
  summary:
    "probes that are sent before the steps, after them, or until they are right, went well; and each probe once",
  applies: (facts) => probeViews(facts).length > 0,
  requires: (facts) => [
    rightBefore(facts),
    ...probeViews(facts)
      .filter(({ probe }) => !isOfWrites(probe.is))
      .map((view) => ({ ...everOk(facts, view), ...(isFirstAskedAfter(view.probe) && { before: [] }) })),
    ...sentAfter(facts),
  ],
  check(facts) {
    const evidence = { tables: tableOf(facts) };
    const wrong = lastOf(facts).find(({ ok, when }) => !ok && when !== "before");
    if (wrong) {
      const summary = `${wrong.probe} failed after the steps: ${firstLine(wrong.seen)}`;
      return {
        verdict: "fail",
        summary,
        evidence: { reason: "probe-failed-after", probe: wrong.probe, ...evidence },
      };
    }
    const names = [...new Set(lastOf(facts).map(({ probe }) => probe))];
    const summary =
      names.length === 0
        ? "each probe of the application went well at times"
        : `${names.join(", ")} went well`;
    return { verdict: "pass", summary, evidence };
  },
};

/** A check that is asked at the end alone says no by that. */
function isFirstAskedAfter({ is, when }: ProbeHeader): boolean {
  return is === "check" && when.every((time) => time === "after" || time === "eventually");
}

/** What became of each write is told one by one. */
function isOfWrites(is: string): boolean {
  return is === "read-back" || is === "delivered";
}

/** Of each probe and time the last word. */
function lastOf(facts: Facts): Observed["app-probe"][] {
  const ofWrites = probeViews(facts)
    .filter(({ probe }) => isOfWrites(probe.is))
    .map(({ probe }) => probe.name);
  const last = new Map<string, Observed["app-probe"]>();
  for (const one of facts.observations("app-probe"))
    if (!ofWrites.includes(one.probe)) last.set(`${one.when} ${one.probe}`, one);
  return [...last.values()];
}

/** What is to be sent after the steps was, in a drill that came so far. */
function sentAfter(facts: Facts): Requirement[] {
  const asked = lastOf(facts);
  return probeViews(facts)
    .filter(({ probe }) => !isOfWrites(probe.is))
    .flatMap(({ probe }) => {
      const times = probe.when.filter((when) => when === "after" || when === "eventually");
      return times.map((when) => ({
        reason: "probe-not-sent-after",
        needs: `${probe.name}: sent after the steps`,
        met: asked.some((one) => one.probe === probe.name && one.when === when),
        seen: `${probe.name} was not sent after the steps, so what it tells of their end is not known`,
      }));
    });
}

function tableOf(facts: Facts): EvidenceTable[] {
  const asked = facts.observations("app-probe");
  if (asked.length === 0) return [];
  const rows = asked
    .slice(0, LISTED)
    .map(({ probe, when, at, ok, seen }) => [
      probe,
      when,
      toSeconds(at),
      ok ? "well" : "failed",
      firstLine(seen),
    ]);
  return [{ title: "Probes that are sent once", columns: ["probe", "when", "at", "went", "answer"], rows }];
}

const LISTED = 50;
