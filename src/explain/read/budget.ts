import type { IncidentKind } from "../model.ts";
import type { Stream } from "./streams.ts";

/** What tells little by itself, and comes often. */
const MINOR: ReadonlySet<IncidentKind> = new Set<IncidentKind>([
  "warning",
  "connecting-to-primary",
  "sync-failed",
  "save-started",
  "save-done",
  "config-rewritten",
  "client-dropped",
  "clients-refused",
  "votes-counted",
  "reported-unreachable",
  "epoch-changed",
  "data-discarded",
  "+slave",
  "+sentinel",
  "+new-epoch",
  "-script-error",
  "name-not-resolved",
]);

/** What had to be left out. */
export interface LeftOut {
  minor: number;
  others: number;
  /** Of the others, the last time, as the clock of its log showed it. */
  until: number;
}

/** Keeps at most so many events: minor ones go first, and of the others the oldest. */
export function keepAtMost(streams: readonly Stream[], most: number, leftOut: LeftOut): number {
  const minors: number[] = [];
  const others: number[] = [];
  for (const { drafts } of streams)
    for (const { kind, line } of drafts) (MINOR.has(kind) ? minors : others).push(line.at);
  if (minors.length + others.length <= most) return minors.length + others.length;
  const othersFrom = newest(others, most);
  const minorsFrom = newest(minors, Math.max(0, most - others.length));
  let kept = 0;
  for (const stream of streams) {
    stream.drafts = stream.drafts.filter(({ kind, line }) => {
      const isMinor = MINOR.has(kind);
      if (line.at >= (isMinor ? minorsFrom : othersFrom)) return true;
      if (isMinor) leftOut.minor += 1;
      else {
        leftOut.others += 1;
        leftOut.until = Math.max(leftOut.until, line.at);
      }
      return false;
    });
    kept += stream.drafts.length;
  }
  return kept;
}

/** From when on they are the newest so many. */
function newest(times: readonly number[], most: number): number {
  if (times.length <= most) return -Infinity;
  return most === 0 ? Infinity : (Float64Array.from(times).sort()[times.length - most] ?? Infinity);
}
