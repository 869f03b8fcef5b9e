import type { Facts } from "../check/facts.ts";
import { disruptiveFaults } from "../check/losses.ts";
import { type FaultOutage, outagesOf } from "../check/probes.ts";
import { promotionsOf } from "../check/promotions.ts";
import type { ReportFailover } from "../model/report-model.ts";
import type { Result } from "../model/result.ts";
import { ms } from "./time.ts";

/** What every fault that disrupted the service led to, in the order of the result's own `failovers`. */
export function failoversOf(facts: Facts, result: Result): ReportFailover[] {
  const disruptive = disruptiveFaults(facts);
  const outages = outagesOf(facts, disruptive);
  return disruptive.map((fault, index) => ({
    fault: fault.id,
    promoted: promotionsOf(facts, fault).map(({ from, to, at }) => ({ from, to, atMs: ms(at) })),
    phases: result.failovers[index]?.phases ?? [],
    outages: outages
      .filter((outage) => outage.fault.id === fault.id)
      .flatMap((outage) => [entry(outage, "writes"), entry(outage, "reads")]),
  }));
}

function entry(outage: FaultOutage, kind: "writes" | "reads"): ReportFailover["outages"][number] {
  return {
    group: outage.group,
    kind,
    measured: outage.measured[kind],
    intervals: outage[kind].map(({ startAt, endAt, seeminglyEndAt, seenUntil }) => ({
      fromMs: ms(startAt),
      toMs: ms(endAt ?? seeminglyEndAt ?? seenUntil),
      ended: endAt !== undefined ? "yes" : seeminglyEndAt !== undefined ? "seemingly" : "no",
    })),
  };
}
