import type { StallKind } from "../model/observed.ts";
import {
  type Ending,
  type HandMadeRun,
  haFailoverWithoutLoad,
  OK,
  okBy,
  REFUSED,
} from "./history.test-data.ts";

/** A stall as the tool records it, ms. */
export function stall(run: HandMadeRun, from: number, to: number, kind: StallKind = "not-run"): HandMadeRun {
  return run.observe(to, "stall", { from: from * 1e6, to: to * 1e6, kind });
}

/** When a tool that stands still in one of these times does what is due at that time. */
export function heldUp(stalls: readonly (readonly [from: number, to: number])[], at: number): number {
  const inside = stalls.find(([from, to]) => at >= from && at < to);
  return inside ? inside[1] : at;
}

export interface StalledRun {
  readonly stalls: readonly (readonly [from: number, to: number])[];
  /** From then on operations are refused, until then. Default: from 2000 to 3800, as in `haFailover`. */
  readonly bad?: readonly [from: number, to: number];
  readonly outage?: { readonly writeMs?: number; readonly readMs?: number };
  /** Does the tool record its stalls? Else only its late sends show them. Default: yes. */
  readonly recorded?: boolean;
  readonly until?: number;
}

/**
 * The HA failover of `haFailover`, as a tool sees it that stands still at times: what is due then is sent afterwards.
 */
export function stalledFailover({
  stalls,
  bad = [2000, 3800],
  outage,
  recorded = true,
  until = 7900,
}: StalledRun) {
  const run = haFailoverWithoutLoad({ expect: { promoted: true, ...(outage && { outage }) } });
  for (const f of ["write", "read"] as const) {
    for (let due = f === "write" ? 100 : 110, n = 0; due < until; due += 20, n += 1) {
      const at = heldUp(stalls, due);
      const key = `${f}:${n}`;
      const ends: Ending = at >= bad[0] && at < bad[1] ? REFUSED : at < 2000 ? okBy("primary") : OK;
      run.operation({ f, key, value: `v-${key}`, due: due * 1e6 }, at, ends);
    }
  }
  if (recorded) for (const [from, to] of stalls) stall(run, from, to);
  return run;
}
