import type { FailoverResult, PhaseResult } from "../model/result.ts";
import { type Facts, type FaultWindow, tenth, toMs } from "./facts.ts";
import type { FaultOutage } from "./probes.ts";
import { lengthWithin } from "./stalled-outage.ts";
import { aftermathOf, stallsAt } from "./stalls.ts";

/** Heard so soon after a stall, it was heard because that was over. */
const AFTER_NS = 50e6;
/** Of a step that the tool did not see for so long nobody can tell what decided it. */
const TOO_LONG_MS = 1000;

/**
 * A failover as it was seen by a tool that stood still at times: its outage with an error, or not measured; its moments with how much earlier
 * they may have come; and no word on which setting decided a step that was not observed.
 */
export function withStalls(
  facts: Facts,
  fault: FaultWindow,
  outage: FaultOutage | undefined,
  failover: FailoverResult,
): FailoverResult {
  if (facts.stalls.length === 0) return failover;
  const intervals = outage?.[outage.measured.writes ? "writes" : "reads"] ?? [];
  const { stalled, errorMs } = lengthWithin(facts, fault, intervals);
  const phases = failover.phases.map((phase) => phaseWithin(facts, fault, phase));
  const unavoidableMs = phases.reduce(
    (sum, { path, governedBy }) => sum + (path ? (governedBy?.unavoidableMs ?? 0) : 0),
    0,
  );
  return {
    ...failover,
    ...(stalled ? { outageMs: null } : errorMs > 0 && { outageErrorMs: errorMs }),
    unavoidableMs: tenth(unavoidableMs),
    phases,
  };
}

function phaseWithin(facts: Facts, { injectAt }: FaultWindow, phase: PhaseResult): PhaseResult {
  if (phase.seenBy === "log") return phase; // written by the server itself, when it was
  const at = injectAt + phase.atMs * 1e6;
  const [late] = stallsAt(facts, { from: at - AFTER_NS, to: at });
  const lateMs = late && phase.name !== "fault" ? toMs(at - late.from) : 0;
  const errorMs = Math.max(lateMs, phase.errorMs ?? 0);
  const from = at - phase.tookMs * 1e6;
  const isUnseen = stallsAt(facts, aftermathOf({ from, to: at }), TOO_LONG_MS).length > 0;
  const { governedBy, ...others } = phase;
  return {
    ...others,
    ...(errorMs > 0 && { errorMs }),
    ...(governedBy && !isUnseen && { governedBy }),
  };
}
