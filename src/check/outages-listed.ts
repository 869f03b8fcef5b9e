import type { OutageResult } from "../model/result.ts";
import { certainNs, lengthOf, type OutageInterval } from "../service/outage-interval.ts";
import { type Facts, toMs } from "./facts.ts";
import { faultName } from "./faults-during.ts";
import { disruptiveFaults } from "./losses.ts";
import { type Kind, observedBy } from "./observed-by.ts";
import { type FaultOutage, outagesOf } from "./probes.ts";

/** Every outage that the probe saw after a fault, in order of time; one that went on through several windows stands once. */
export function listedOutages(facts: Facts): OutageResult[] {
  const seen = new Set<string>();
  return outagesOf(facts, disruptiveFaults(facts))
    .flatMap((entry) => (["writes", "reads"] as const).flatMap((kind) => ofKind(facts, entry, kind)))
    .filter(({ kind, hit, shards, startMs }) => {
      const key = `${kind} ${hit} ${shards} ${startMs}`;
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    })
    .sort((a, b) => a.startMs - b.startMs);
}

function ofKind(facts: Facts, entry: FaultOutage, kind: Kind): OutageResult[] {
  const { fault, group, shards = [] } = entry;
  return entry[kind].map((interval) => ({
    kind,
    shards: [...shards],
    hit: group === "hit",
    fault: {
      name: faultName(fault),
      kind: fault.fault,
      atMs: toMs(fault.injectAt),
    },
    startMs: toMs(interval.startAt),
    endMs: interval.endAt === undefined ? null : toMs(interval.endAt),
    lengthMs: toMs(lengthOf(interval)),
    certainMs: toMs(certainNs(interval)),
    state: stateOf(interval, observedBy(facts, kind)),
    failed: interval.disturbed,
  }));
}

/** How much of it was seen. */
export function stateOf(
  interval: OutageInterval,
  observed: readonly { readonly to: number }[],
): OutageResult["state"] {
  if (interval.startUnseen) return "unseen";
  if (interval.endAt !== undefined) return "ended";
  if (interval.seeminglyEndAt !== undefined) return "seemingly-ended";
  return wasCut(interval, observed) ? "unseen" : "open";
}

/** Was the probe stopped in it, and went on later? Then it may have ended meanwhile. */
export function wasCut({ seenUntil }: OutageInterval, observed: readonly { readonly to: number }[]): boolean {
  return observed
    .slice(0, -1)
    .some(({ to }, n) => seenUntil <= to && seenUntil > (observed[n - 1]?.to ?? -1));
}
