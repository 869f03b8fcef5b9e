import type { ReportModel } from "../../model/report-model.ts";

/** What a comparison shows of a run: no logs, no single writes, and its load in few buckets. */
export interface ComparedRun
  extends Pick<
    ReportModel,
    | "tool"
    | "runId"
    | "result"
    | "brokenOff"
    | "durationMs"
    | "settings"
    | "waitReplicas"
    | "limits"
    | "faults"
    | "failovers"
  > {
  /** Operations in each bucket, from the run's beginning; `bad` failed, or nobody knows. */
  readonly load: {
    readonly bucketMs: number;
    readonly ok: readonly number[];
    readonly bad: readonly number[];
  };
}

/** More could not be told apart in a lane as wide as a window. */
const MOST_BUCKETS = 400;

/** A run cut down to what stands beside others. */
export function comparedRun(model: ReportModel): ComparedRun {
  const { tool, runId, result, brokenOff, durationMs, settings, waitReplicas, limits, faults, failovers } =
    model;
  const checks = result.checks.map(({ evidence: { reason }, ...check }) => ({
    ...check,
    evidence: reason === undefined ? {} : { reason },
  }));
  const cut = { ...result, checks };
  return {
    ...{ tool, runId, result: cut, brokenOff, durationMs, settings, waitReplicas, limits, faults, failovers },
    load: fewBuckets(model.load),
  };
}

function fewBuckets({ bucketMs, writes, reads, others }: ReportModel["load"]): ComparedRun["load"] {
  const kinds = [writes, reads, others];
  const each = Math.max(1, Math.ceil(writes.ok.length / MOST_BUCKETS));
  const together = (outcomes: readonly ("ok" | "fail" | "info")[]) => {
    const counts = new Array<number>(Math.ceil(writes.ok.length / each)).fill(0);
    for (const kind of kinds)
      for (const outcome of outcomes)
        kind[outcome].forEach((count, bucket) => {
          const at = Math.floor(bucket / each);
          counts[at] = (counts[at] ?? 0) + count;
        });
    return counts;
  };
  return { bucketMs: bucketMs * each, ok: together(["ok"]), bad: together(["fail", "info"]) };
}
