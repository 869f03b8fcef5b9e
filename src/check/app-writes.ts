import { expectedOf } from "./app/expected.ts";
import { appWriteFates, mostLost, type WriteFates } from "./app/writes.ts";
import { LOST, UNTOLD, writeRequirements } from "./app-writes-coverage.ts";
import { duplicatedText, evidenceOf, lossText, passText } from "./app-writes-told.ts";
import { type Checker, type Found, plural } from "./checker.ts";
import { asks } from "./expectations.ts";
import type { Facts } from "./facts.ts";

const JUDGED = ["probes.*.lost", "probes.*.duplicated"];
const ADD = 'Add a read-back: "{ name: stored, http: GET /orders/{{unique}}, is: read-back, of: order }"';

/** Every write of the application, judged by what its read-backs and its deliveries tell: lost, or done twice? */
export const appWrites: Checker = {
  name: "app-writes",
  summary:
    "no write that the application acknowledged is gone, and none was done twice, by read-backs and deliveries",
  judges: JUDGED.map((path) => ({ path, add: ADD })),
  applies: (facts) =>
    facts.header.app !== undefined &&
    (JUDGED.some((path) => asks(facts, path)) || judgedFates(facts).length > 0),
  requires: writeRequirements,
  check(facts) {
    const all = judgedFates(facts);
    const evidence = evidenceOf(facts, all);
    const fail = (reason: string, summary: string): Found => ({
      verdict: "fail",
      summary,
      evidence: { reason, ...evidence },
    });
    const losing = all.find(({ probe, lost }) => lost.length > mostLost(facts, probe.name));
    if (losing) return fail(LOST, lossText(facts, losing));
    const twice = all.find(
      ({ probe, duplicated }) => duplicated.length > (expectedOf(facts, probe.name).duplicated ?? 0),
    );
    if (twice) return fail("writes-duplicated", duplicatedText(facts, twice));
    return { verdict: "pass", summary: all.map((one) => passText(facts, one)).join("; "), evidence };
  },
  accepted: (facts) =>
    judgedFates(facts).flatMap(({ probe, lost, duplicated }) => [
      {
        what: "lost-application-writes",
        count: lost.length,
        told: `${plural(lost.length, "lost write")} of ${probe.name}`,
        allowedBy: `expect.${probe.name}.lost`,
      },
      {
        what: "duplicated-application-writes",
        count: duplicated.length,
        told: `${plural(duplicated.length, "write")} of ${probe.name} done more than once`,
        allowedBy: `expect.${probe.name}.duplicated`,
      },
    ]),
  appWords: (facts, { verdict, evidence }) => {
    if (verdict === "unknown" && evidence.reason !== UNTOLD) return [];
    const all = judgedFates(facts);
    return [
      ...(all.some(({ lost }) => lost.length > 0) ? (["LOST"] as const) : []),
      ...(all.some(({ duplicated }) => duplicated.length > 0) ? (["DUPLICATED"] as const) : []),
    ];
  },
};

/** Of the probes that write: those that somebody reads back, or whose effects are told. */
function judgedFates(facts: Facts): WriteFates[] {
  return appWriteFates(facts).filter(
    ({ detectors, seesTwice, writes }) => (detectors.length > 0 || seesTwice) && writes.length > 0,
  );
}
