import type { PlainHistory } from "../history/plain-history.ts";
import type { PlainResult } from "../model/plain-result.ts";
import { judgeRegisters } from "./linearizability/judge-registers.ts";

/** The verdict on a plain history. Pure. */
export function judgePlain(history: string, { operations, counts }: PlainHistory): PlainResult {
  const { stretches: _, ...judged } = judgeRegisters(operations, "line");
  const checks = [{ name: "linearizability", ...judged }];
  return { schemaVersion: 1, history, verdict: judged.verdict, operations: counts, checks };
}
