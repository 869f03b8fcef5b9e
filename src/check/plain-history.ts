import type { PlainHistory } from "../history/plain/history.ts";
import type { PlainResult } from "../model/plain-result.ts";
import type { CheckResult } from "../model/result.ts";
import { judgeRegisters, nothingToJudge } from "./linearizability/judge-registers.ts";

/** The verdict on a plain history. Pure. */
export function judgePlain(history: string, { operations, counts, unit }: PlainHistory): PlainResult {
  const judged = counts.ok === 0 ? nothingToJudge(counts.total, 0) : withoutSegments(operations, unit);
  const checks = [{ name: "linearizability", ...judged }];
  return { schemaVersion: 1, history, verdict: judged.verdict, operations: counts, checks };
}

function withoutSegments(
  operations: PlainHistory["operations"],
  unit: PlainHistory["unit"],
): Omit<CheckResult, "name"> {
  const { stretches: _, ...judged } = judgeRegisters(operations, unit);
  return judged;
}
