import type { ReportLoad } from "../model/report-model.ts";
import type { Columns } from "./columns.ts";

/** Classes that are drawn one by one; the rest are counted together. */
const CLASSES = 8;

/** The most frequent errors, each with its counts over time. */
export function errorCounts(columns: Columns): ReportLoad["errors"] {
  const all = columns.names.map((name) => {
    const [outcome = "", ...words] = name.split(" ");
    return { class: words.join(" "), outcome: outcome as "fail" | "info", counts: columns.values(name) };
  });
  const sorted = all.toSorted((a, b) => sum(b.counts) - sum(a.counts) || (a.class < b.class ? -1 : 1));
  const rest = sorted.slice(CLASSES);
  const others = (["fail", "info"] as const).flatMap((outcome) => {
    const same = rest.filter((one) => one.outcome === outcome);
    if (same.length === 0) return [];
    const counts = same[0]?.counts.map((_, bucket) => sum(same.map((one) => one.counts[bucket] ?? 0))) ?? [];
    return [{ class: `${same.length} other classes`, outcome, counts }];
  });
  return [...sorted.slice(0, CLASSES), ...others];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
