import type { Operation } from "../history/operations.ts";
import { type Checker, plural } from "./checker.ts";
import type { Facts } from "./facts.ts";
import { unlessStalledIn } from "./unless-stalled.ts";
import { answeredBeforeCut, ran, somethingDone } from "./workloads.ts";

/** Did every command of the CRUD rounds get the reply that a sound server gives? */
export const crud: Checker = {
  name: "crud",
  summary: "every create, read, update, delete and expiry was answered as a sound server answers",
  stalled(facts, found) {
    const rounds = roundsOf(facts); // keys expire meanwhile, whoever stands still
    const ends = rounds.map(({ completedAt = facts.endedAt }) => completedAt);
    const to = ends.reduce((a, b) => Math.max(a, b), 0);
    return unlessStalledIn(facts, found, [{ from: rounds[0]?.invokedAt ?? 0, to }]);
  },
  applies: (facts) => ran(facts, "crud"),
  requires(facts) {
    const operations = roundsOf(facts);
    const done = somethingDone("crud", operations, ["wrong-reply"]);
    if (facts.complete) return [done];
    return [
      done,
      answeredBeforeCut(facts, operations, {
        reason: "ended-while-asking",
        needs: "each command, to its reply",
        lacking: (open) => `${plural(open, "command")} had no reply yet`,
        isFailed: isWrong,
      }),
    ];
  },
  check(facts) {
    const operations = roundsOf(facts);
    const wrong = operations.filter(isWrong);
    if (wrong.length > 0) {
      const [first] = wrong as [Operation];
      return {
        verdict: "fail",
        summary:
          `${wrong.length} of ${plural(operations.length, "command")} were answered ` +
          `wrongly, first ${describe(first)}`,
        evidence: { reason: "wrong-reply", wrong: wrong.map(describe) },
      };
    }
    const commands = [...new Set(operations.map(({ f }) => f.toUpperCase()))];
    return {
      verdict: "pass",
      summary: `${plural(operations.length, "command")} of ${commands.length} kinds answered rightly`,
      evidence: { commands },
    };
  },
};

function roundsOf(facts: Facts): Operation[] {
  return facts.operations.filter((operation) => operation.workload === "crud");
}

function isWrong({ outcome, result, value }: Operation): boolean {
  return outcome !== "ok" || result !== value;
}

function describe({ f, key, value, outcome, result, error }: Operation): string {
  const got = outcome === "ok" ? result : `${outcome}: ${error?.message ?? "no answer"}`;
  return `${f.toUpperCase()} ${key}: expected ${value}, got ${got}`;
}
