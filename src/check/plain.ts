import type { PlainHistory } from "../history/plain-history.ts";
import type { PlainResult } from "../model/plain-result.ts";
import type { CheckResult } from "../model/result.ts";
import { plural } from "./checker.ts";
import { judgeRegisters } from "./linearizability/judge-registers.ts";

/** The verdict on a plain history. Pure. */
export function judgePlain(history: string, { operations, counts }: PlainHistory): PlainResult {
  const { stretches: _, ...judged } = judgeRegisters(operations, "line");
  const checks = [
    {
      name: "linearizability",
      ...(counts.ok === 0 && judged.verdict === "pass" ? unanswered(counts.total) : judged),
    },
  ];
  const [{ verdict }] = checks as [CheckResult];
  return { schemaVersion: 1, history, verdict, operations: counts, checks };
}

/** Without any answer every history fits some order: that it does shows nothing. */
function unanswered(total: number): Omit<CheckResult, "name"> {
  const summary = `none of ${plural(total, "operation")} was acknowledged, so there is nothing to judge`;
  return { verdict: "unknown", summary, evidence: { reason: "nothing-acknowledged" } };
}
