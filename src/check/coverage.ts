import type { CheckResult } from "../model/result.ts";
import type { Checker, Found, Requirement } from "./checker.ts";
import type { Facts } from "./facts.ts";
import { afterStalls } from "./unless-stalled.ts";

/**
 * A checker's word, held against what was observed:
 *
 *     found     all observed   something was not observed
 *     pass      pass           unknown
 *     fail      fail           fail; unknown, where it rests on something that was not seen (`before`)
 *     unknown   unknown        unknown, for the checker's own reason
 */
export function covered(checker: Checker, facts: Facts): CheckResult {
  const { name } = checker;
  const found = afterStalls(checker, checker.check(facts), facts);
  const requirements = checker.requires(facts);
  const coverage = requirements.map(({ needs, met, seen, add }) => ({
    needs,
    met,
    ...(!met && { seen, ...(add !== undefined && { add }) }),
  }));
  const unmet = requirements.filter((one) => !one.met && stands(one, found));
  const [first] = unmet;
  if (!first) return { name, ...found, coverage };
  return { name, ...unknownFor(first, unmet, found), coverage };
}

/** Does the lack of it take the verdict away? */
function stands({ before = [] }: Requirement, found: Found): boolean {
  if (found.verdict !== "fail") return true;
  return typeof before === "function" ? before(found) : before.includes(String(found.evidence.reason));
}

function unknownFor(
  first: Requirement,
  unmet: readonly Requirement[],
  found: Pick<CheckResult, "verdict" | "summary" | "evidence">,
): Pick<CheckResult, "verdict" | "summary" | "evidence"> {
  const advice = [...new Set(unmet.flatMap(({ add }) => add ?? []))];
  const { tables = [], notes = [] } = found.evidence as { tables?: unknown[]; notes?: unknown[] };
  const lacking = {
    title: "What was not observed",
    columns: ["needed", "seen instead"],
    rows: unmet.map(({ needs, seen }) => [needs, seen]),
  };
  const own = found.verdict === "unknown" && found.evidence.reason !== "nothing-measured";
  return {
    verdict: "unknown",
    summary: own ? found.summary : first.seen,
    evidence: {
      ...found.evidence,
      ...(!own && { reason: first.reason }),
      ...(found.verdict === "fail" && { otherwise: `fail: ${found.summary}` }),
      tables: [lacking, ...tables],
      notes: [...advice, ...notes],
    },
  };
}
