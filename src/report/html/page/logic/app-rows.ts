import type { ReportProbe } from "../../../../model/report-app.ts";
import type { ReportModel } from "../../../../model/report-model.ts";
import type { PhaseResult } from "../../../../model/result.ts";
import type { Bar, Row } from "../charts/lane-chart.tsx";
import { faultOf } from "./time-marks.ts";

/** What is needed of a run to draw its application. */
export type AppModel = Pick<ReportModel, "app" | "faults" | "failovers" | "durationMs" | "result">;

/** How a failover went, as bars from phase to phase; where a probe of ours saw the outage, its path. */
export function failoverRow({ failovers, faults }: AppModel): Row {
  const bars = failovers.flatMap(({ fault, phases }) => {
    const injectMs = faultOf({ faults }, fault)?.injectMs ?? 0;
    return partsOf(phases).map(({ name, fromMs, toMs }, index) => ({
      fromMs: injectMs + fromMs,
      toMs: injectMs + toMs,
      kind: `phase part-${index % 4}`,
      name,
    }));
  });
  return { name: "phases", bars };
}

/** What comes once somebody else serves: it says nothing of how long that took. */
const AFTERWARDS = ["healed", "restarted", "replicas back", "all replicas back"];

function partsOf(phases: readonly PhaseResult[]): { name: string; fromMs: number; toMs: number }[] {
  const path = phases.filter(({ path }) => path);
  const served = phases.filter(({ name }) => !AFTERWARDS.includes(name));
  const told = (path.length > 1 ? path : served).toSorted((a, b) => a.atMs - b.atMs);
  return told.flatMap(({ name, atMs }, index) => {
    const before = told[index - 1];
    return before === undefined || atMs - before.atMs < 1
      ? []
      : [{ name: `until ${name}`, fromMs: before.atMs, toMs: atMs }];
  });
}

/** The life of each instance. */
export function instanceRows({ app }: AppModel): Row[] {
  return (app?.instances ?? [])
    .filter(({ bands }) => bands.length > 0)
    .map(({ name, bands }) => ({
      name,
      bars: bands.map(({ fromMs, toMs, look, text }) => ({ fromMs, toMs, kind: `life ${look}`, name: text })),
    }));
}

/** When each probe had no success; only of those that had none at some time, or are sent at a fixed rate. */
export function probeRows(model: AppModel): Row[] {
  return (model.result.app?.probes ?? [])
    .filter(({ is, outages }) => outages.length > 0 || is === "write" || is === "read")
    .map(({ name }) => ({ name, bars: outageBars(model, name) }));
}

/** The outages of a probe; one that was not over is drawn to the end. */
export function outageBars({ result, durationMs }: AppModel, probe: string): Bar[] {
  const { outages = [] } = result.app?.probes.find(({ name }) => name === probe) ?? {};
  return outages.map(({ startMs, endMs }) => ({
    fromMs: startMs,
    toMs: endMs ?? durationMs,
    kind: "outage",
    name: endMs === null ? "no success, and goes on" : "no success",
  }));
}

/** One bucket of a probe: what ended well stands at the ground, what failed on it, what nobody knows above. */
export interface Pile {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
}

/** The buckets in which something was asked, and the highest. */
export function pilesOf({ bucketMs, ok, fail, info }: ReportProbe): { piles: Pile[]; most: number } {
  const piles = ok.flatMap((count, bucket): Pile[] => {
    const [failed, unknown] = [fail[bucket] ?? 0, info[bucket] ?? 0];
    if (count + failed + unknown === 0) return [];
    const fromMs = bucket * bucketMs;
    return [{ fromMs, toMs: fromMs + bucketMs, ok: count, fail: failed, info: unknown }];
  });
  return { piles, most: Math.max(1, ...piles.map((pile) => pile.ok + pile.fail + pile.info)) };
}
