import type { PlainHistory } from "../history/plain/history.ts";
import { worstVerdict } from "../model/outcome.ts";
import type { PlainResult } from "../model/plain-result.ts";
import type { CheckResult } from "../model/result.ts";
import { type Checker, crashed } from "./checker.ts";
import { CHECKERS } from "./registry.ts";

/** The verdict on a plain history, by every checker that can judge one. Pure. */
export function judgePlain(path: string, history: PlainHistory): PlainResult {
  const checks = CHECKERS.flatMap((checker) => said(checker, history));
  const verdict = worstVerdict(checks.map((check) => check.verdict));
  return { schemaVersion: 1, history: path, verdict, operations: history.counts, checks };
}

/** Nothing of one that cannot judge such a history. */
function said({ name, checkPlain }: Checker, history: PlainHistory): CheckResult[] {
  if (checkPlain === undefined) return [];
  try {
    return [{ name, ...checkPlain(history) }];
  } catch (error) {
    return [crashed(name, error)];
  }
}
