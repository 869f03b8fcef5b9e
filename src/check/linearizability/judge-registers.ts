import { isOpen, type RegisterOperation, type UnexplainedSegment } from "../../model/register.ts";
import type { CheckResult } from "../../model/result.ts";
import { type EvidenceTable, plural } from "../checker.ts";
import { DEFAULT_LIMITS, type Limits } from "./budget.ts";
import { explain, timeText } from "./explain.ts";
import { linearizable } from "./keys.ts";

/** Keys whose segment is looked for; the others that failed are named. */
const EXPLAINED_KEYS = 5;
/**
 * Operations of a segment that its table shows. It is as long only where the budget did not suffice to make it shorter.
 */
const MOST_ROWS = 50;
/** Keys that a summary names. */
const NAMED_KEYS = 3;
/** Part of the steps that looking for one segment may take. */
const STRETCH_SHARE = 0.1;

/** Judges registers, key by key. The evidence holds a `UnexplainedSegment` for each of the first keys that failed. */
export function judgeRegisters(
  operations: readonly RegisterOperation[],
  unit: UnexplainedSegment["unit"],
  limits: Limits = DEFAULT_LIMITS,
): Omit<CheckResult, "name"> & { readonly stretches: readonly UnexplainedSegment[] } {
  const results = linearizable(operations, limits);
  const failed = results.filter(({ outcome }) => outcome === "not-linearizable");
  const undecided = results.filter(({ outcome }) => outcome === "over-budget").map(({ key }) => key);
  const counted = { keys: results.length, operations: operations.length };
  const hard = undecided.length > 0 ? `${listed(undecided)} undecided: too many orders to try` : undefined;
  if (failed.length > 0) {
    const stretches = failed
      .slice(0, EXPLAINED_KEYS)
      .map(({ key, operations: all }) =>
        explain(key, all, unit, { ...limits, steps: limits.steps * STRETCH_SHARE }),
      )
      .sort((a, b) => endOf(a) - endOf(b));
    const [first] = stretches as [UnexplainedSegment];
    return {
      verdict: "fail",
      summary:
        `${failed.length} of ${plural(results.length, "key")} not linearizable; ${first.key}: ${first.text}` +
        (hard === undefined ? "" : `; ${hard}`),
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
  if (hard !== undefined) {
    return {
      verdict: "unknown",
      summary: `${undecided.length} of ${plural(results.length, "key")} not decided; ${hard}`,
      evidence: { reason: "budget-exceeded", ...counted, undecided, limits },
      stretches: [],
    };
  }
  const unread = results.filter((result) => !result.operations.some(tells)).map(({ key }) => key);
  if (unread.length === results.length) {
    const acknowledged = operations.filter((operation) => !isOpen(operation)).length;
    return { ...nothingToJudge(operations.length, acknowledged), stretches: [] };
  }
  const summary =
    `${plural(operations.length, "operation")} on ${plural(results.length, "key")}: each key linearizable` +
    (unread.length === 0 ? "" : `; no answer tells what ${listed(unread)} held`);
  return {
    verdict: "pass",
    summary,
    evidence: { ...counted, ...(unread.length > 0 && { unread }) },
    stretches: [],
  };
}

/** The verdict where no answer could have contradicted another. */
export function nothingToJudge(
  operations: number,
  acknowledged: number,
): Pick<CheckResult, "verdict" | "summary" | "evidence"> {
  const summary =
    acknowledged === 0
      ? `nothing to judge: none of ${plural(operations, "operation")} was acknowledged`
      : `nothing to judge: ${plural(acknowledged, "operation")} acknowledged, and no answer tells what a key held`;
  const reason = acknowledged === 0 ? "nothing-acknowledged" : "nothing-read";
  return { verdict: "unknown", summary, evidence: { reason, operations, acknowledged } };
}

/** Does its answer tell what stood there? */
function tells(operation: RegisterOperation): boolean {
  const { f } = operation.action;
  return !isOpen(operation) && f !== "write" && f !== "append";
}

/** The first of the names, and how many more there are. */
function listed(names: readonly string[]): string {
  const more = names.length - NAMED_KEYS;
  return `${names.slice(0, NAMED_KEYS).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** When the operation ended that could not be placed. */
function endOf({ operations, stuck }: UnexplainedSegment): number {
  return operations.find(({ id }) => id === stuck)?.returnedAt ?? Infinity;
}

function tableOf({ key, unit, operations, stuck }: UnexplainedSegment): EvidenceTable {
  const nodes = operations.some(({ node }) => node !== undefined);
  return {
    title:
      `${key}: the smallest stretch that no order explains` +
      (operations.length > MOST_ROWS ? `, the last ${MOST_ROWS} of ${operations.length} operations` : ""),
    columns: ["process", "operation", "invoked", "returned", ...(nodes ? ["answered by"] : []), "order"],
    rows: operations
      .slice(-MOST_ROWS)
      .map(({ id, process, text, invokedAt, returnedAt, node, place }) => [
        process,
        text,
        timeText(invokedAt, unit),
        returnedAt === null ? "unknown" : timeText(returnedAt, unit),
        ...(nodes ? [node ?? "–"] : []),
        place ?? (id === stuck ? "fits nowhere" : "–"),
      ]),
  };
}
