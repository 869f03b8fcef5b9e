import type { SlotRange } from "../model/plan.ts";

/** Ranges as people write them: `0-5460, 7`. */
export function formatRanges(ranges: readonly SlotRange[]): string {
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(", ");
}

/** How many slots the ranges hold. */
export function slotsIn(ranges: readonly SlotRange[]): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** What of 0 to `count - 1` no range holds, as ranges. */
export function missingFrom(ranges: readonly SlotRange[], count: number): SlotRange[] {
  const missing: SlotRange[] = [];
  let next = 0;
  for (const [first, last] of [...ranges].sort(([a], [b]) => a - b)) {
    if (first > next) missing.push([next, first - 1]);
    next = Math.max(next, last + 1);
  }
  if (next < count) missing.push([next, count - 1]);
  return missing;
}
