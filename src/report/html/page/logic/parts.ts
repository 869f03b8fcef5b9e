import type { ReportModel } from "../../../../model/report-model.ts";
import type { PhaseResult } from "../../../../model/result.ts";
import { faultOf } from "./time-marks.ts";

/** A part of an outage: what was waited for, and what limits how long that takes. */
export interface Part {
  readonly until: string;
  readonly tookMs: number;
  readonly unavoidableMs: number;
  readonly governedBy?: PhaseResult["governedBy"];
}

/** Steps shorter than this share of the outage are told together with the next one. */
const SHORTEST_SHARE = 0.015;

/** The steps of an outage, in order. One whose end was not seen has a last part for that. */
export function partsOf(
  model: Pick<ReportModel, "faults">,
  { fault, phases, outages }: ReportModel["failovers"][number],
): Part[] {
  const path = phases.filter((phase) => phase.path);
  const wholeMs = path.reduce((sum, { tookMs }) => sum + tookMs, 0);
  const parts: Part[] = [];
  let waiting: PhaseResult[] = [];
  for (const phase of path) {
    waiting.push(phase);
    const tookMs = sum(waiting.map((one) => one.tookMs));
    const last = phase === path.at(-1);
    const short = tookMs < wholeMs * SHORTEST_SHARE;
    if (tookMs === 0 || (short && !last)) continue;
    const before = short ? parts.pop() : undefined;
    const longest = waiting.toSorted((a, b) => b.tookMs - a.tookMs)[0] as PhaseResult;
    parts.push({
      until: phase.name,
      tookMs: tookMs + (before?.tookMs ?? 0),
      unavoidableMs:
        (before?.unavoidableMs ?? 0) + sum(waiting.map((one) => one.governedBy?.unavoidableMs ?? 0)),
      governedBy: (before ?? longest).governedBy,
    });
    waiting = [];
  }
  const writes = outages.find(
    ({ group, kind, intervals }) => group === "hit" && kind === "writes" && intervals.length > 0,
  );
  const open = writes?.intervals.find(({ ended }) => ended !== "yes");
  if (open === undefined) return parts;
  const injectMs = faultOf(model, fault)?.injectMs ?? 0;
  const reachedMs = injectMs + Math.max(0, path.at(-1)?.atMs ?? 0);
  const until =
    open.ended === "no"
      ? "the end of what was seen: no write went well again"
      : "writes went well again, but nobody saw whether that lasted";
  return [...parts, { until, tookMs: open.toMs - Math.max(reachedMs, open.fromMs), unavoidableMs: 0 }];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
