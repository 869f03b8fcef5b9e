import type { Result } from "../model/result.ts";
import { formatMs } from "./numbers.ts";

/** How long writes or reads failed and how exactly that is known, or why there is no number. */
export function outageWords(result: Result, kind: "write" | "read"): string {
  const ms = result.outage[`${kind}Ms`];
  const errorMs = result.outage[`${kind}ErrorMs`] ?? 0;
  const error = errorMs < 1 ? "" : ` ± ${formatMs(errorMs)}`;
  if (ms !== null)
    return `${formatMs(ms)}${error}${isAnotherOpen(result, kind) ? " (another still open)" : ""}`;
  if (result.failover.phases.length === 0) return "none";
  if (!neverRecovered(result, kind)) return "not measured";
  const unseen = result.checks.some(({ evidence }) => evidence.reason === "recovery-not-observed");
  return unseen ? "end not seen" : "not recovered";
}

/** The longest ended; did a shorter one go on when it was last looked at? */
function isAnotherOpen({ outages = [] }: Result, kind: "write" | "read"): boolean {
  return outages.some((one) => one.hit && one.kind === `${kind}s` && one.state === "open");
}

/** `null` alone does not tell which; a check that did not pass for lack of a recovery does. */
export function neverRecovered(result: Result, kind: "write" | "read"): boolean {
  return result.checks.some(({ verdict, evidence: { reason } }) => {
    if (verdict === "pass" || typeof reason !== "string" || !/recover/.test(reason)) return false;
    return !/write|read/.test(reason) || reason.includes(kind);
  });
}
