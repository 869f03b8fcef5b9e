import type { ReportModel } from "../../../../model/report-model.ts";

/** `4.667 s`: a moment of the run. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

/** `2.379 s after the fault`, of the last fault before the moment or the next one after it. */
export function sinceFault(model: ReportModel, ms: number): string {
  const before = model.faults.findLast(({ injectMs }) => injectMs <= ms);
  const next = model.faults.find(({ injectMs }) => injectMs > ms);
  if (before) return `${((ms - before.injectMs) / 1000).toFixed(3)} s after “${before.label}”`;
  return next ? `${((next.injectMs - ms) / 1000).toFixed(3)} s before “${next.label}”` : "";
}

/** Round steps for an axis: at most `most` of them in the range. */
export function ticks(fromMs: number, toMs: number, most: number): number[] {
  const rough = (toMs - fromMs) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  const first = Math.ceil(fromMs / step);
  const count = Math.floor(toMs / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => (first + index) * step);
}

/** `2 s`, `2.25 s`: as exact as the steps between ticks need. */
export function tickLabel(ms: number, stepMs: number): string {
  const places = stepMs >= 1000 ? 0 : stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : 3;
  return `${(ms / 1000).toFixed(places)} s`;
}
