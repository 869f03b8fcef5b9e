import type { Facts } from "../check/facts.ts";
import { primaryLosses } from "../check/losses.ts";
import type { Stretch } from "../check/outage-of.ts";
import { type FaultOutage, outagesOf } from "../check/probes.ts";
import { phasesOf, promotionsOf } from "../check/timeline.ts";
import type { PictureFailover } from "../model/picture.ts";
import type { Result } from "../model/result.ts";
import { ms } from "./time.ts";

/** What every loss of a primary led to. The phases of the first are those of the result. */
export function failoversOf(facts: Facts, result: Result): PictureFailover[] {
  const losses = primaryLosses(facts);
  const outages = outagesOf(facts, losses);
  return losses.map((fault, index) => ({
    fault: fault.id,
    promoted: promotionsOf(facts, fault).map(({ from, to, at }) => ({ from, to, atMs: ms(at) })),
    phases: index === 0 ? [...result.failover.phases] : [...phasesOf(facts, fault)],
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
    stretches: outage[kind].map(({ startAt, endAt }: Stretch) => ({
      fromMs: ms(startAt),
      toMs: endAt === undefined ? null : ms(endAt),
    })),
  };
}
