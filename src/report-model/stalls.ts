import type { Facts } from "../check/facts.ts";
import type { ReportModel } from "../model/report-model.ts";
import { ms } from "./time.ts";

/** Shorter ones are narrower than a line. */
const SHOWN_NS = 20e6;
/** To keep the page small the longest stay. */
const MOST = 500;

/** When the tool itself stood still, in order of time. */
export function stallsModel({ stalls }: Facts): NonNullable<ReportModel["stalls"]> {
  const length = ({ from, to }: (typeof stalls)[number]) => to - from;
  return stalls
    .filter((stall) => length(stall) >= SHOWN_NS)
    .toSorted((a, b) => length(b) - length(a))
    .slice(0, MOST)
    .sort((a, b) => a.from - b.from)
    .map(({ from, to }) => ({ fromMs: ms(from), toMs: ms(to) }));
}
