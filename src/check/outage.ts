import { certainNs, lengthOf, outageMs } from "../service/outage-interval.ts";
import { type Checker, duration } from "./checker.ts";
import { asks } from "./expectations.ts";
import { type Facts, type FaultWindow, toMs } from "./facts.ts";
import { disruptiveFaults } from "./losses.ts";
import { type Kind, probeOperations } from "./observed-by.ts";
import { NOT_RECOVERED, outageRequirements, type Question, questionsOf } from "./outage-coverage.ts";
import { nameOf, notesOf, tablesOf } from "./outage-tables.ts";
import { outagesOf } from "./probes.ts";
import { watchedEnoughMs } from "./settings.ts";
import { stalledOutage } from "./stalled-outage.ts";

const ADD = `Add "- start: unique-writes" before the first fault`;

/** How long writes and reads failed after each fault that disrupted the service, against the scenario's limits. */
export const outage: Checker = {
  name: "outage",
  stalled: (facts, found) => stalledOutage(facts, found, judgedFaults(facts)),
  summary: "writes and reads came back for good, within the scenario's limits",
  judges: [{ path: "outage", add: ADD }],
  applies: (facts) =>
    asks(facts, "outage") || (disruptiveFaults(facts).length > 0 && probeOperations(facts).length > 0),
  requires: (facts) => outageRequirements(facts, judgedFaults(facts), nameOf(facts)),
  check(facts) {
    const outages = outagesOf(facts, judgedFaults(facts));
    const questions = questionsOf(facts, judgedFaults(facts));
    const evidence = { tables: tablesOf(facts, outages), notes: notesOf(facts, outages) };
    const name = nameOf(facts);
    for (const question of questions) {
      const { limitMs, entry, kind } = question;
      const over = entry[kind].find((one) => limitMs !== undefined && certainNs(one) / 1e6 > limitMs);
      if (!over) continue;
      const ms = toMs(lengthOf(over));
      const ended = over.endAt !== undefined && !over.startUnseen;
      const long = ended ? duration(ms) : `${duration(certainNs(over) / 1e6)} at the least`;
      return {
        verdict: "fail",
        summary: `${name(question)} failed for ${long}; the limit is ${duration(limitMs as number)}`,
        evidence: { reason: "outage-over-limit", outageMs: ended ? ms : null, limitMs, ...evidence },
      };
    }
    const gone = questions.find((question) => hadTimeToRecover(facts, question));
    if (gone) {
      return {
        verdict: "fail",
        summary: `${name(gone)} did not come back`,
        evidence: { reason: NOT_RECOVERED, ...evidence },
      };
    }
    const worst = (kind: Kind) => {
      const seen = questions.filter((one) => one.kind === kind && one.entry.measured[kind]);
      const hit = seen.filter(({ entry }) => entry.group === "hit");
      if (hit.length === 0) return `${kind} were not measured`;
      const ms = outageMs(hit.flatMap(({ entry }) => entry[kind]));
      return ms === null
        ? `the end of an outage of ${kind} was not seen`
        : `${kind} failed for ${duration(ms)}`;
    };
    return {
      verdict: "pass",
      summary: `${worst("writes")}, ${worst("reads").replace("reads failed", "reads")}${withinLimits(facts.header.expect.outage ?? {})}`,
      evidence,
    };
  },
};

/** The faults that disrupted the service; where none did and the scenario has limits, all: that none did is what was asked. */
function judgedFaults(facts: Facts): readonly FaultWindow[] {
  const disruptive = disruptiveFaults(facts);
  return disruptive.length > 0 || !asks(facts, "outage") ? disruptive : facts.faults;
}

/** Without a limit: did it last to the end of its window, and for longer than a failover takes? */
function hadTimeToRecover(facts: Facts, { entry, kind, limitMs }: Question): boolean {
  const open = entry[kind].findLast(({ endAt }) => endAt === undefined);
  if (limitMs !== undefined || !open || open.seeminglyEndAt !== undefined) return false;
  return lengthOf(open) / 1e6 > watchedEnoughMs(facts, entry.fault.injectAt);
}

function withinLimits(limits: { writeMs?: number; readMs?: number }): string {
  const told = [
    limits.writeMs !== undefined && `writes ${duration(limits.writeMs)}`,
    limits.readMs !== undefined && `reads ${duration(limits.readMs)}`,
  ].filter((text) => text !== false);
  return told.length > 0 ? ` (limits: ${told.join(", ")})` : "";
}
