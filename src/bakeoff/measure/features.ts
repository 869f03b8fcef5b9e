import type { Operation } from "../../history/operations.ts";
import type { BakeoffFeature } from "../../model/bakeoff.ts";
import { FEATURES } from "../child/features.ts";
import { countBy, isUnsettled } from "./calls.ts";
import type { Run } from "./run-record.ts";

/** It works if it did in the last so many seconds. */
const LAST_NS = 1.5e9;

/** How everything else that the library offers went through the fault; empty if it was not used. */
export function featuresOf(run: Run): BakeoffFeature[] {
  const used = run.all.filter(({ f }) => (FEATURES as readonly string[]).includes(f));
  if (used.length === 0) return [];
  return FEATURES.map((feature) => {
    const calls = used.filter(({ f }) => f === feature);
    const settled = calls.filter(({ completedAt }) => completedAt !== undefined);
    const failed = settled.filter(({ outcome }) => outcome !== "ok");
    const took = settled.map(({ invokedAt, completedAt = 0 }) => (completedAt - invokedAt) / 1e6);
    const published = feature === "publish";
    const pool = feature === "pool" ? poolOf(run, calls) : undefined;
    return {
      feature: published ? "subscription" : feature,
      works: calls.length === 0 ? "not offered" : works(run, feature, calls, pool) ? "yes" : "no",
      calls: calls.length,
      failed: failed.length,
      unsettled: calls.filter((call) => isUnsettled(run, call)).length,
      errors: countBy(failed, ({ error }) => error?.class ?? "UNKNOWN"),
      longestMs: Math.round(Math.max(0, ...took)),
      missed: published ? missedOf(run, calls).length : null,
      ...(pool && { pool }),
    };
  });
}

function works(
  run: Run,
  feature: string,
  calls: readonly Operation[],
  pool: BakeoffFeature["pool"],
): boolean {
  const last = lastOf(run, calls);
  if (feature === "publish") {
    const missed = new Set(missedOf(run, last));
    return last.some((call) => !missed.has(call));
  }
  return pool ? pool.serving >= pool.size : last.length > 0;
}

/** What went well at the end. */
function lastOf({ calls: probed, endAt }: Run, calls: readonly Operation[]): Operation[] {
  const stoppedAt = probed.at(-1)?.invokedAt ?? endAt;
  return calls.filter(
    ({ outcome, completedAt = 0 }) => outcome === "ok" && completedAt > stoppedAt - LAST_NS,
  );
}

/** Acknowledged, and never received. */
function missedOf({ said }: Run, calls: readonly Operation[]): Operation[] {
  const received = new Set(said.flatMap((one) => (one.say === "message" ? [one.value] : [])));
  return calls.filter(({ outcome, value }) => outcome === "ok" && !received.has(value ?? ""));
}

/** Each call on a pool resolves to which of its connections it was made over. */
function poolOf(run: Run, calls: readonly Operation[]): BakeoffFeature["pool"] {
  const opened = run.said.find((one) => one.say === "pool");
  if (opened?.say !== "pool") return undefined;
  const { steps, faultAt = Infinity } = run;
  const seen = (isIn: (to: number) => boolean) =>
    steps.filter(({ to }) => isIn(to)).reduce((sum, { pooled }) => sum + pooled, 0);
  return {
    how: opened.how,
    size: opened.size,
    serving: new Set(lastOf(run, calls).map(({ result }) => result)).size,
    connections: { before: seen((to) => to <= faultAt), after: seen((to) => to > faultAt) },
  };
}
