import type { ReportApp } from "../../model/report-app.ts";
import type { ReportModel } from "../../model/report-model.ts";
import { isOnlyOfApp } from "../app-words.ts";

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
  /**
   * Operations in each bucket, from the run's beginning; `bad` failed, or nobody knows. Where nothing but an
   * application was asked, what its probes asked.
   */
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
    load: isOnlyOfApp(result) && model.app !== undefined ? ofProbes(model.app) : fewBuckets(model.load),
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

/** All probes together, in buckets as wide as the widest of theirs. */
function ofProbes({ probes }: ReportApp): ComparedRun["load"] {
  const bucketMs = Math.max(1, ...probes.map((probe) => probe.bucketMs));
  const [ok, bad]: [number[], number[]] = [[], []];
  const add = (to: number[], counts: readonly number[], each: number) => {
    counts.forEach((count, bucket) => {
      const at = Math.floor((bucket * each) / bucketMs);
      while (to.length <= at) to.push(0);
      to[at] = (to[at] ?? 0) + count;
    });
  };
  for (const probe of probes) {
    add(ok, probe.ok, probe.bucketMs);
    add(bad, probe.fail, probe.bucketMs);
    add(bad, probe.info, probe.bucketMs);
  }
  return { bucketMs, ok, bad };
}
