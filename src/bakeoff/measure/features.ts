import type { Operation } from "../../history/operations.ts";
import type { BakeoffFeature } from "../../model/bakeoff.ts";
import { FEATURES } from "../child/features.ts";
import { countBy, isUnsettled } from "./calls.ts";
import type { Run } from "./measure.ts";

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
    return {
      feature: published ? "subscription" : feature,
      works: calls.length === 0 ? "not offered" : works(run, feature, calls) ? "yes" : "no",
      calls: calls.length,
      failed: failed.length,
      unsettled: calls.filter((call) => isUnsettled(run, call)).length,
      errors: countBy(failed, ({ error }) => error?.class ?? "UNKNOWN"),
      longestMs: Math.round(Math.max(0, ...took)),
      missed: published ? missedOf(run, calls).length : null,
    };
  });
}

function works(run: Run, feature: string, calls: readonly Operation[]): boolean {
  const stoppedAt = run.calls.at(-1)?.invokedAt ?? run.endAt;
  const last = calls.filter(
    ({ outcome, completedAt = 0 }) => outcome === "ok" && completedAt > stoppedAt - LAST_NS,
  );
  if (feature !== "publish") return last.length > 0;
  const missed = new Set(missedOf(run, last));
  return last.some((call) => !missed.has(call));
}

/** Acknowledged, and never received. */
function missedOf({ said }: Run, calls: readonly Operation[]): Operation[] {
  const received = new Set(said.flatMap((one) => (one.say === "message" ? [one.value] : [])));
  return calls.filter(({ outcome, value }) => outcome === "ok" && !received.has(value ?? ""));
}
