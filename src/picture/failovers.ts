import type { Facts } from "../check/facts.ts";
import { hurtingFaults } from "../check/losses.ts";
import { type FaultOutage, outagesOf } from "../check/probes.ts";
import { promotionsOf } from "../check/promotions.ts";
import type { PictureFailover } from "../model/picture.ts";
import type { Result } from "../model/result.ts";
import { ms } from "./time.ts";

/** What every fault that hurt led to, in the order of the result's own `failovers`. */
export function failoversOf(facts: Facts, result: Result): PictureFailover[] {
  const hurting = hurtingFaults(facts);
  const outages = outagesOf(facts, hurting);
  return hurting.map((fault, index) => ({
    fault: fault.id,
    promoted: promotionsOf(facts, fault).map(({ from, to, at }) => ({ from, to, atMs: ms(at) })),
    phases: result.failovers[index]?.phases ?? [],
    outages: outages
      .filter((outage) => outage.fault.id === fault.id)
      .flatMap((outage) => [entry(outage, "writes"), entry(outage, "reads")]),
  }));
}

function entry(outage: FaultOutage, kind: "writes" | "reads"): PictureFailover["outages"][number] {
  return {
    group: outage.group,
    kind,
    measured: outage.measured[kind],
    stretches: outage[kind].map(({ startAt, endAt, seeminglyEndAt, seenUntil }) => ({
      fromMs: ms(startAt),
      toMs: ms(endAt ?? seeminglyEndAt ?? seenUntil),
      ended: endAt !== undefined ? "yes" : seeminglyEndAt !== undefined ? "seemingly" : "no",
    })),
  };
}
