import type { ReportFailover, ReportFault, ReportModel } from "../../../../model/report-model.ts";
import type { Range } from "../view.ts";

/** A moment that a reader may want to jump to. */
export interface TimeMark {
  readonly atMs: number;
  readonly label: string;
}

const MARGIN_MS = 1000;

/** The whole run, and the surroundings of each fault. */
export function rangesOf(model: ReportModel): (Range & { readonly label: string })[] {
  const whole = { label: "whole run", fromMs: 0, toMs: Math.max(1, model.durationMs) };
  const around = model.faults.map((fault) => ({
    label: `around ${fault.label}`,
    fromMs: Math.max(0, fault.injectMs - MARGIN_MS),
    toMs: Math.min(whole.toMs, outageEnd(model, fault) + MARGIN_MS),
  }));
  return [whole, ...around.filter(({ fromMs, toMs }) => toMs > fromMs)];
}

/** Faults, phases and healings, in order. */
export function timeMarksOf(model: ReportModel): TimeMark[] {
  const phases = model.failovers.flatMap(({ fault, phases }) => {
    const injectMs = faultOf(model, fault)?.injectMs ?? 0;
    return phases
      .filter(({ atMs }) => atMs > 0)
      .map(({ name, atMs }) => ({ atMs: injectMs + atMs, label: name }));
  });
  const faults = model.faults.map(({ injectMs, label }) => ({ atMs: injectMs, label }));
  return [...faults, ...phases].toSorted((a, b) => a.atMs - b.atMs);
}

/** Three moments that tell the story: before the first loss of a primary (or the first fault), while the service was disrupted, and at the end. */
export function beforeDuringAfter(model: ReportModel): TimeMark[] {
  const [failover] = model.failovers;
  const fault = failover ? faultOf(model, failover.fault) : model.faults[0];
  if (fault === undefined) return [{ atMs: model.durationMs, label: "at the end" }];
  const promotedMs = failover?.promoted[0]?.atMs;
  const disruptedMs = promotedMs === undefined ? outageEnd(model, fault) : promotedMs;
  return [
    { atMs: Math.max(0, fault.injectMs - 1), label: "before" },
    { atMs: fault.injectMs + (disruptedMs - fault.injectMs) * 0.9, label: "during" },
    { atMs: model.durationMs, label: "after" },
  ];
}

export function faultOf(model: Pick<ReportModel, "faults">, id: number): ReportFault | undefined {
  return model.faults.find((fault) => fault.id === id);
}

/** When all that the fault led to for users was over; the run's end, if that never was. */
function outageEnd(model: ReportModel, fault: ReportFault): number {
  const failover = model.failovers.find((one) => one.fault === fault.id);
  const ends = failover ? outageIntervalsOf(failover).map(({ toMs }) => toMs) : [];
  return ends.length > 0 ? Math.max(fault.injectMs, ...ends) : (fault.healedMs ?? model.durationMs);
}

function outageIntervalsOf({ outages }: ReportFailover) {
  return outages.flatMap(({ intervals }) => intervals);
}
