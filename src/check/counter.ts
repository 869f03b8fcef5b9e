import type { Operation } from "../history/operations.ts";
import { type AllowedLosses, allowedLossesOf, limitsLosses } from "./allowed-losses.ts";
import { type Checker, plural } from "./checker.ts";
import { stepBack, type Told, unexplainedCount } from "./counter-replies.ts";
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

/** What can be wrong with a counter, the gravest first. */
const REASONS = [
  "not-a-counter",
  "counted-twice",
  "replicated-increments-lost",
  "acknowledged-increments-lost",
  "went-back",
] as const;

/**
 * Is every counter what its increments make of it?
 *
 *     acknowledged  ≤  final  ≤  acknowledged + unknown
 *
 * An increment that ended `info` may have been done or not, one that ended `fail` was not. The replies say more: a
 * counter tells every count once, and ever higher ones. What the loss of a primary allows counts as unknown.
 */
export const counter: Checker = {
  name: "counter",
  summary: "every counter is at least what was acknowledged, and at most that and what ended unknown",
  judges: [
    {
      path: "lostAcknowledgedWrites",
      add: `Add "- start: counter" before the first fault`,
      when: limitsLosses,
    },
  ],
  applies: (facts) => ran(facts, "counter"),
  requires(facts) {
    const operations = facts.operations.filter(isIncrement);
    return [somethingAcknowledged({ noun: "increment", workload: "counter", operations })];
  },
  check(facts) {
    const allowedLosses = allowedLossesOf(facts);
    const increments = facts.operations.filter(isIncrement);
    const keys = endsByKey(increments).map((ends) => judgeCounter(facts, allowedLosses, ends));
    return verdictOf({
      keys,
      allowedLosses,
      reasons: REASONS,
      noun: "increment",
      table: { title: "Counters", final: "final" },
      evidence: { notes: notesOf(facts, increments, "increment") },
      pass: (missing) => {
        if (missing > 0) return lostSummary(keys, missing, allowedLosses, "increment");
        return (
          `all ${plural(total(keys, "acknowledged"), "increment")} ` +
          `acknowledged on ${plural(keys.length, "counter")} were counted, none twice; ${total(keys, "unknown")} ` +
          `ended unknown`
        );
      },
    });
  },
};

function judgeCounter(facts: Facts, allowedLosses: AllowedLosses, ends: EndsOfKey): JudgedKey {
  const { key, acknowledged, unknown, refused } = ends;
  const told = acknowledged.map((operation) => ({ operation, reply: countIn(operation.result) }));
  const found = facts.finalValues.get(key);
  const final = found === null ? 0 : countIn(found); // NaN: not read, or no count
  const missing = missingFrom(final, told);
  const judged = {
    key,
    acknowledged: acknowledged.length,
    unknown: unknown.length,
    refused: refused.length,
    final: found === null ? 0 : found,
    missing,
  };
  const say = (reason: (typeof REASONS)[number], text: string) => ({ ...judged, problem: { reason, text } });
  const sent = `${plural(acknowledged.length, "increment")} were acknowledged and ${unknown.length} ended unknown`;

  const strange = [found ?? "0", ...acknowledged.map(({ result }) => result)].find((value) =>
    Number.isNaN(countIn(value)),
  );
  if (strange !== undefined) return say("not-a-counter", `${key} held or answered "${strange}"`);
  if (final > acknowledged.length + unknown.length) {
    return say("counted-twice", `${key} is ${final}, but ${sent}`);
  }
  // What may be gone says nothing for sure: neither that it was done, nor that its reply was the count that is left.
  const sure = told.filter(({ operation }) => !allowedLosses.mayBeLost(operation));
  if (missingFrom(final, sure) > 0) {
    const seen = sure.filter(({ operation }) => allowedLosses.replicated(operation));
    const gone = `${key} is ${final}, but ${sent}: at least ${missing} are gone`;
    if (missingFrom(final, seen) > 0) {
      return say("replicated-increments-lost", `${gone}, some of which the replicas had`);
    }
    const explained = told.length - sure.length;
    return say(
      "acknowledged-increments-lost",
      `${gone}, and the loss of a primary explains ${explained} of them`,
    );
  }
  const back = stepBack(sure);
  if (back) {
    const at = ({ operation, reply }: Told) =>
      `${operation.client} was told ${reply} at ${toMs(operation.completedAt ?? 0)} ms`;
    return say("went-back", `${key} went back: ${at(back.before)}, ${at(back.after)}`);
  }
  const unsure = [...unknown, ...acknowledged.filter((operation) => allowedLosses.mayBeLost(operation))];
  const last = found === undefined ? sure.reduce((most, { reply }) => Math.max(most, reply), 0) : final;
  const unexplained = unexplainedCount(sure, unsure, last);
  if (unexplained !== undefined) {
    return say("counted-twice", `${key} came to ${unexplained} before that many increments had been sent`);
  }
  return judged;
}

/**
 * Increments that a counter of that value lacks, at least: it has fewer counts than there were, or some were told more.
 */
function missingFrom(final: number, told: readonly Told[]): number {
  if (Number.isNaN(final)) return 0;
  return Math.max(told.length - final, told.filter(({ reply }) => reply > final).length, 0);
}

/** A count as INCR and GET tell it, or NaN. */
function countIn(text: string | null | undefined): number {
  return typeof text === "string" && /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function isIncrement({ workload, f }: Operation): boolean {
  return workload === "counter" && f === "incr";
}
