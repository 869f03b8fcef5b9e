/*
 *   last success │ fault ─▶ suspected ─▶ detected ─▶ … ─▶ promoted ─▶ … ─▶ reconnected ─▶ first write │ replicas back, healed …
 *                └──────────────────────────── path: adds up to the outage ──────────────────────────┘   beside it
 */
import type { FailoverResult, PhaseResult } from "../model/result.ts";
import { outageMs } from "../service/outage-interval.ts";
import { type Facts, type FaultWindow, tenth, toMs } from "./facts.ts";
import { phaseEndsOf } from "./failover-phases.ts";
import { faultName } from "./faults-during.ts";
import { limitingSettingOf, responsibleFor } from "./limiting-setting.ts";
import { disruptiveFaults } from "./losses.ts";
import type { PhaseEnd } from "./phase-end.ts";
import { type FaultOutage, outagesOf } from "./probes.ts";
import { promotionsOf } from "./promotions.ts";
import { outageWithin, phaseWithin } from "./stalled-failover.ts";

/** What every fault that disrupted the service led to, in order of injection. */
export function failoversOf(facts: Facts): FailoverResult[] {
  return disruptiveFaults(facts).map((fault) => failoverOf(facts, fault));
}

/** Of these, the one that kept writes down the longest; one that did not end is the longest of all. */
export function worstOf(failovers: readonly FailoverResult[], facts: Facts): FailoverResult {
  const length = ({ outageMs: ms, phases }: FailoverResult) =>
    ms ?? (phases.some(({ path }) => path) ? Infinity : -1);
  const [worst] = failovers.toSorted((a, b) => length(b) - length(a));
  const resolutionMs = facts.header.topology.lookEveryMs ?? null;
  return worst ?? { fault: null, promoted: null, outageMs: null, unavoidableMs: 0, resolutionMs, phases: [] };
}

/** What one fault led to: its phases, and of each which setting decided how long it took. */
export function failoverOf(facts: Facts, fault: FaultWindow): FailoverResult {
  const [promotion] = promotionsOf(facts, fault);
  const outage = outagesOf(facts, [fault]).find(({ group }) => group === "hit");
  const phaseEnds = phaseEndsOf(facts, fault, outage);
  const phases = phasesFrom(facts, fault, phaseEnds).map((phase) => phaseWithin(facts, fault, phase));
  const unavoidable = phases.reduce(
    (sum, { path, governedBy }) => sum + (path ? (governedBy?.unavoidableMs ?? 0) : 0),
    0,
  );
  return {
    fault: {
      name: faultName(fault),
      kind: fault.fault,
      targets: [...fault.targets],
      atMs: toMs(fault.injectAt),
    },
    promoted: promotion ? { from: promotion.from, to: promotion.to } : null,
    outageMs: lengthOf(outage),
    ...outageWithin(facts, fault, outage),
    unavoidableMs: tenth(unavoidable),
    resolutionMs: facts.header.topology.lookEveryMs ?? null,
    phases,
  };
}

function lengthOf(outage: FaultOutage | undefined): number | null {
  if (outage?.measured.writes) return outageMs(outage.writes);
  return outage?.measured.reads ? outageMs(outage.reads) : null;
}

/** Times are rounded first and subtracted then, so that the steps add up to the tenth of a millisecond. */
export function phasesFrom(facts: Facts, fault: FaultWindow, phaseEnds: readonly PhaseEnd[]): PhaseResult[] {
  const path = phaseEnds.filter((phaseEnd) => phaseEnd.path);
  const [begin, end] = [path[0], path.at(-1)];
  const sinceFault = (phaseEnd: PhaseEnd) => toMs(phaseEnd.at - fault.injectAt);
  // What the whole took is rounded as a whole, so that it is the outage to the tenth.
  const endMs = begin && end ? tenth(sinceFault(begin) + toMs(end.at - begin.at)) : Infinity;
  const at = (phaseEnd: PhaseEnd) =>
    phaseEnd === end ? endMs : phaseEnd.path ? Math.min(sinceFault(phaseEnd), endMs) : sinceFault(phaseEnd);
  return phaseEnds.map((phaseEnd) => {
    const before = path[path.indexOf(phaseEnd) - 1];
    const since = phaseEnd.path ? before : phaseEnds.find(({ name }) => name === phaseEnd.since);
    const tookMs = since ? tenth(Math.max(0, at(phaseEnd) - at(since))) : 0;
    const limitingSetting = limitingSettingOf(facts, fault, phaseEnd, phaseEnds);
    const unavoidableMs =
      limitingSetting?.earliestAt === undefined || !since
        ? null
        : tenth(Math.min(tookMs, Math.max(0, toMs(limitingSetting.earliestAt - since.at))));
    return {
      name: phaseEnd.name,
      atMs: at(phaseEnd),
      tookMs,
      since: since?.name ?? null,
      path: phaseEnd.path,
      seenBy: phaseEnd.seenBy,
      ...errorOf(phaseEnd),
      ...(phaseEnd.path && { responsible: responsibleFor(phaseEnd) }),
      ...(limitingSetting && {
        governedBy: {
          setting: limitingSetting.setting,
          value: limitingSetting.value,
          note: limitingSetting.note,
          unavoidableMs,
        },
      }),
    };
  });
}

/** Looks and logs tell a moment only so exactly; Sentinels, the client and the drill tell it themselves. */
function errorOf({ at, earliest, latest }: PhaseEnd): { errorMs: number } | undefined {
  const errorMs = tenth(Math.max(at - earliest, latest - at) / 1e6);
  return errorMs > 0 ? { errorMs } : undefined;
}
