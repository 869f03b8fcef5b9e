import type { Facts, FaultWindow } from "./facts.ts";

/**
 * Goes on from what took long: which faults were in force meanwhile. The fault itself is told only where it ended in that time: that it
 * lasted is no news.
 */
export function faultsDuring(
  facts: Facts,
  fault: FaultWindow,
  { from, to }: { readonly from: number; readonly to: number },
): string {
  const names = facts.faults
    .filter((one) => {
      const over = one.healedAt ?? one.healAt ?? Infinity;
      const overlaps = one.injectAt < to && over > from;
      return overlaps && (one !== fault || (over < to && one.injectAt < from));
    })
    .map(({ label, fault: kind, targets }) => label ?? `${kind} ${targets.join(", ")}`);
  return names.length === 0 ? "" : `; in force meanwhile: ${[...new Set(names)].join(", ")}`;
}
