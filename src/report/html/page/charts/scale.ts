import type { Range } from "../view.ts";

/** Times to pixels. */
export interface Scale {
  readonly x: (ms: number) => number;
  readonly left: number;
  readonly right: number;
}

export function scaleOf({ fromMs, toMs }: Range, left: number, right: number): Scale {
  const perMs = (right - left) / Math.max(1e-6, toMs - fromMs);
  return { x: (ms) => left + (ms - fromMs) * perMs, left, right };
}

/** An interval of time as far as it is in the chart: `undefined` if it is not. */
export function clipped(
  { x, left, right }: Scale,
  fromMs: number,
  toMs: number,
): { x: number; width: number } | undefined {
  const from = Math.max(left, x(fromMs));
  const to = Math.min(right, x(toMs));
  return to < left || from > right ? undefined : { x: from, width: Math.max(1, to - from) };
}

/** Rounded to a tenth of a pixel: no more can be seen, and a page of less text results. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}
