import type { RegisterOperation, ShownStretch } from "../../model/register.ts";
import type { CheckResult } from "../../model/result.ts";
import { type EvidenceTable, plural } from "../checker.ts";
import { DEFAULT_LIMITS, type Limits } from "./budget.ts";
import { explain, timeText } from "./explain.ts";
import { linearizable } from "./keys.ts";

/** Keys whose stretch is looked for; the others that failed are named. */
const EXPLAINED_KEYS = 5;
/** Part of the steps that looking for one stretch may take. */
const STRETCH_SHARE = 0.1;

/** Judges registers, key by key. The evidence holds a `ShownStretch` for each of the first keys that failed. */
export function judgeRegisters(
  operations: readonly RegisterOperation[],
  unit: ShownStretch["unit"],
  limits: Limits = DEFAULT_LIMITS,
): Omit<CheckResult, "name"> & { readonly stretches: readonly ShownStretch[] } {
  const results = linearizable(operations, limits);
  const failed = results.filter(({ outcome }) => outcome === "not-linearizable");
  const undecided = results.filter(({ outcome }) => outcome === "over-budget").map(({ key }) => key);
  const counted = { keys: results.length, operations: operations.length };
  if (failed.length > 0) {
    const stretches = failed
      .slice(0, EXPLAINED_KEYS)
      .map(({ key, operations: all }) =>
        explain(key, all, unit, { ...limits, steps: limits.steps * STRETCH_SHARE }),
      )
      .sort((a, b) => endOf(a) - endOf(b));
    const [first] = stretches as [ShownStretch];
    return {
      verdict: "fail",
      summary: `${failed.length} of ${plural(results.length, "key")} not linearizable; ${first.key}: ${first.text}`,
      evidence: {
        reason: "not-linearizable",
        ...counted,
        failed: failed.map(({ key }) => key),
        ...(undecided.length > 0 && { undecided }),
        tables: [tableOf(first)],
        stretches,
      },
      stretches,
    };
  }
  if (undecided.length > 0) {
    const summary = `${undecided.length} of ${plural(results.length, "key")} undecided: too many orders to try`;
    return {
      verdict: "unknown",
      summary,
      evidence: { reason: "budget-exceeded", ...counted, undecided, limits },
      stretches: [],
    };
  }
  const summary = `${plural(operations.length, "operation")} on ${plural(results.length, "key")}: each key linearizable`;
  return { verdict: "pass", summary, evidence: counted, stretches: [] };
}

/** When the operation ended that could not be placed. */
function endOf({ operations, stuck }: ShownStretch): number {
  return operations.find(({ id }) => id === stuck)?.returnedAt ?? Infinity;
}

function tableOf({ key, unit, operations, stuck }: ShownStretch): EvidenceTable {
  const nodes = operations.some(({ node }) => node !== undefined);
  return {
    title: `${key}: the smallest stretch that no order explains`,
    columns: ["process", "operation", "invoked", "returned", ...(nodes ? ["answered by"] : []), "order"],
    rows: operations.map(({ id, process, text, invokedAt, returnedAt, node, place }) => [
      process,
      text,
      timeText(invokedAt, unit),
      returnedAt === null ? "unknown" : timeText(returnedAt, unit),
      ...(nodes ? [node ?? "–"] : []),
      place ?? (id === stuck ? "fits nowhere" : "–"),
    ]),
  };
}
