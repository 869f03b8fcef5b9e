/*
 *   observations "stall" ─┐
 *   sends that came late ─┴─▶ stalls, in order, none over another
 */
import type { StallData } from "../model/observed.ts";
import type { Operation } from "./operations.ts";

/** A send that came so late was held up. */
const LATE_NS = 20e6;

/**
 * Puts together what the tool recorded of itself and what its sends show, which a history without the former has as
 * well.
 */
export function stallsIn(recorded: readonly StallData[], operations: readonly Operation[]): StallData[] {
  const late = operations.flatMap(({ client, due, invokedAt }): StallData[] =>
    client === "probe" && due !== undefined && invokedAt - due > LATE_NS
      ? [{ from: due, to: invokedAt, kind: "late-sends" }]
      : [],
  );
  const merged: StallData[] = [];
  for (const stall of [...recorded, ...late].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || stall.from > last.to) merged.push(stall);
    else merged[merged.length - 1] = together(last, stall);
  }
  return merged;
}

/** What the tool knows of itself tells more than its sends do. */
function together(a: StallData, b: StallData): StallData {
  const [told, other] = a.kind === "late-sends" ? [b, a] : [a, b];
  const lostMs = (a.lostMs ?? 0) + (b.lostMs ?? 0);
  const kind = b.kind === "suspended" ? b.kind : told.kind;
  return {
    kind,
    from: Math.min(told.from, other.from),
    to: Math.max(told.to, other.to),
    ...(lostMs > 0 && { lostMs }),
  };
}

/** How long a stall lasted, ns; of one that the run's clock does not count, how long the machine slept. */
export function stallLength({ from, to, lostMs = 0 }: StallData): number {
  return to - from + lostMs * 1e6;
}
