import type { FailoverResult, PhaseResult } from "../model/result.ts";
import { type Facts, type FaultWindow, toMs } from "./facts.ts";
import type { FaultOutage } from "./probes.ts";
import { lengthWithin } from "./stalled-outage.ts";
import { aftermathOf, stallsAt } from "./stalls.ts";

/** Heard so soon after a stall, it was heard because that was over. */
const AFTER_NS = 50e6;
/** Of a step that the tool did not see for so long nobody can tell what decided it. */
const TOO_LONG_MS = 1000;

/**
 * The outage of a failover as it was seen by a tool that stood still at times: it has an error, or was not measured.
 */
export function outageWithin(
  facts: Facts,
  fault: FaultWindow,
  outage: FaultOutage | undefined,
): Partial<Pick<FailoverResult, "outageMs" | "outageErrorMs">> {
  if (facts.stalls.length === 0) return {};
  const intervals = outage?.[outage.measured.writes ? "writes" : "reads"] ?? [];
  const { stalled, errorMs } = lengthWithin(facts, fault, intervals);
  if (stalled) return { outageMs: null };
  return errorMs > 0 ? { outageErrorMs: errorMs } : {};
}

/**
 * A phase of it as it was seen by such a tool: with how much earlier it may have ended, and no word on which setting
 * decided it if it was not observed.
 */
export function phaseWithin(facts: Facts, { injectAt }: FaultWindow, phase: PhaseResult): PhaseResult {
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
