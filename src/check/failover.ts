/*
 *   last success │ fault ─▶ suspected ─▶ detected ─▶ … ─▶ promoted ─▶ … ─▶ reconnected ─▶ first write │ replicas back, healed …
 *                └──────────────────────────── path: adds up to the outage ──────────────────────────┘   beside it
 */
import type { FailoverResult, PhaseResult } from "../model/result.ts";
import { type Facts, type FaultWindow, tenth, toMs } from "./facts.ts";
import { faultName } from "./faults-during.ts";
import { governorOf, responsibleFor } from "./governor.ts";
import { hurtingFaults } from "./losses.ts";
import type { Moment } from "./moment.ts";
import { momentsOf } from "./moments.ts";
import { outageMs } from "./outage-of.ts";
import { type FaultOutage, outagesOf } from "./probes.ts";
import { promotionsOf } from "./promotions.ts";
import { withStalls } from "./stalled-failover.ts";

/** What every fault that hurt led to, in order of injection. */
export function failoversOf(facts: Facts): FailoverResult[] {
  return hurtingFaults(facts).map((fault) => failoverOf(facts, fault));
}

/** Of these, the one that kept writes down the longest; one that did not end is the longest of all. */
export function worstOf(failovers: readonly FailoverResult[], facts: Facts): FailoverResult {
  const length = ({ outageMs: ms, phases }: FailoverResult) =>
    ms ?? (phases.some(({ path }) => path) ? Infinity : -1);
  const [worst] = failovers.toSorted((a, b) => length(b) - length(a));
  const resolutionMs = facts.header.topology.lookEveryMs ?? null;
  return worst ?? { fault: null, promoted: null, outageMs: null, unavoidableMs: 0, resolutionMs, phases: [] };
}

/** What one fault led to: its moments, and of each step which setting decided how long it took. */
export function failoverOf(facts: Facts, fault: FaultWindow): FailoverResult {
  const [promotion] = promotionsOf(facts, fault);
  const outage = outagesOf(facts, [fault]).find(({ group }) => group === "hit");
  const moments = momentsOf(facts, fault, outage);
  const phases = phasesFrom(facts, fault, moments);
  const unavoidable = phases.reduce(
    (sum, { path, governedBy }) => sum + (path ? (governedBy?.unavoidableMs ?? 0) : 0),
    0,
  );
  return withStalls(facts, fault, outage, {
    fault: {
      name: faultName(fault),
      kind: fault.fault,
      targets: [...fault.targets],
      atMs: toMs(fault.injectAt),
    },
    promoted: promotion ? { from: promotion.from, to: promotion.to } : null,
    outageMs: lengthOf(outage),
    unavoidableMs: tenth(unavoidable),
    resolutionMs: facts.header.topology.lookEveryMs ?? null,
    phases,
  });
}

function lengthOf(outage: FaultOutage | undefined): number | null {
  if (outage?.measured.writes) return outageMs(outage.writes);
  return outage?.measured.reads ? outageMs(outage.reads) : null;
}

/** Times are rounded first and subtracted then, so that the steps add up to the tenth of a millisecond. */
export function phasesFrom(facts: Facts, fault: FaultWindow, moments: readonly Moment[]): PhaseResult[] {
  const path = moments.filter((moment) => moment.path);
  const [begin, end] = [path[0], path.at(-1)];
  const sinceFault = (moment: Moment) => toMs(moment.at - fault.injectAt);
  // What the whole took is rounded as a whole, so that it is the outage to the tenth.
  const endMs = begin && end ? tenth(sinceFault(begin) + toMs(end.at - begin.at)) : Infinity;
  const at = (moment: Moment) =>
    moment === end ? endMs : moment.path ? Math.min(sinceFault(moment), endMs) : sinceFault(moment);
  return moments.map((moment) => {
    const before = path[path.indexOf(moment) - 1];
    const since = moment.path ? before : moments.find(({ name }) => name === moment.since);
    const tookMs = since ? tenth(Math.max(0, at(moment) - at(since))) : 0;
    const governor = governorOf(facts, fault, moment, moments);
    const unavoidableMs =
      governor?.earliestAt === undefined || !since
        ? null
        : tenth(Math.min(tookMs, Math.max(0, toMs(governor.earliestAt - since.at))));
    return {
      name: moment.name,
      atMs: at(moment),
      tookMs,
      since: since?.name ?? null,
      path: moment.path,
      seenBy: moment.seenBy,
      ...errorOf(moment),
      ...(moment.path && { responsible: responsibleFor(moment) }),
      ...(governor && {
        governedBy: { setting: governor.setting, value: governor.value, note: governor.note, unavoidableMs },
      }),
    };
  });
}

/** Looks and logs tell a moment only so exactly; Sentinels, the client and the drill tell it themselves. */
function errorOf({ at, earliest, latest }: Moment): { errorMs: number } | undefined {
  const errorMs = tenth(Math.max(at - earliest, latest - at) / 1e6);
  return errorMs > 0 ? { errorMs } : undefined;
}
