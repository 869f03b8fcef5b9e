import { everOk, rightBefore, sentAround } from "./app/coverage.ts";
import { expectedOf, limited } from "./app/expected.ts";
import { type ProbeView, probeViews } from "./app/probes.ts";
import { appWriteFates, mostLost, type WriteFates } from "./app/writes.ts";
import { plural, type Requirement } from "./checker.ts";
import type { Facts } from "./facts.ts";

/** A failure that rests on writes that were not found. */
export const LOST = "writes-lost";
/** Of too many writes nobody could tell what became of them. */
export const UNTOLD = "fates-not-told";

/**
 * What is limited must be seen by a probe that works; and of each acknowledged write somebody must have told what
 * became of it.
 */
export function writeRequirements(facts: Facts): Requirement[] {
  const named = [...new Set([...limited(facts, "lost"), ...limited(facts, "duplicated")])];
  const fates = appWriteFates(facts);
  const asked = named.flatMap((name) => {
    const own = fates.find(({ probe }) => probe.name === name);
    return own ? observable(facts, own) : [noWrite(name)];
  });
  const judged = fates.filter(
    ({ probe, detectors, seesTwice }) => detectors.length > 0 || seesTwice || named.includes(probe.name),
  );
  return [rightBefore(facts), ...asked, ...judged.flatMap((one) => ofFates(facts, one, named))];
}

function noWrite(name: string): Requirement {
  return {
    reason: "no-write-probe",
    needs: `a probe ${name} that writes`,
    met: false,
    seen: `no probe ${name} writes, so nothing of it could be lost or done twice`,
    add: `Let probe ${name} say "is: write", or take its lost and duplicated out of expect`,
  };
}

/** What is limited must be seen by somebody. */
function observable(facts: Facts, { probe, detectors, seesTwice }: WriteFates): Requirement[] {
  const { lost, duplicated } = expectedOf(facts, probe.name);
  const { name } = probe;
  return [
    ...(lost === undefined
      ? []
      : [sees("lost", name, detectors.length > 0, readBackLine(probe.asks, name, false))]),
    ...(duplicated === undefined
      ? []
      : [sees("duplicated", name, seesTwice, readBackLine(probe.asks, name, true))]),
  ];
}

function sees(limit: "lost" | "duplicated", name: string, met: boolean, add: string): Requirement {
  const told = limit === "lost" ? "whether a write is gone" : "how often a write was done";
  return {
    reason: limit === "lost" ? "losses-not-observable" : "duplicates-not-observable",
    needs: `a probe that tells ${told} (expect.${name}.${limit})`,
    met,
    seen: `no probe tells ${told}: expect.${name}.${limit} could not be held against anything`,
    add,
  };
}

/** The line that is lacking, with the path of the write. */
function readBackLine(asks: string, of: string, counts: boolean): string {
  const path = /^\s*[A-Z]+\s+([^\s?]+)/.exec(asks)?.[1] ?? "/orders";
  const times = counts ? `, times: '/"count": ?(\\d+)/'` : "";
  const told = counts ? " that counts" : "";
  return `Add a read-back${told}: { name: stored, http: "GET ${path}/{{unique}}", is: read-back, of: ${of}${times} }`;
}

function ofFates(facts: Facts, fates: WriteFates, named: readonly string[]): Requirement[] {
  const view = probeViews(facts).find(({ probe }) => probe === fates.probe) as ProbeView;
  const isAsked = named.includes(fates.probe.name);
  return [
    everOk(facts, view),
    ...fates.detectors.map((detector) => everFound(facts, fates, detector)),
    ...(isAsked && view.sent.length > 0 ? sentAround(facts, view) : []),
    ...(fates.detectors.length > 0 ? [told(facts, fates)] : []),
  ];
}

/** One that never found anything asks for the wrong thing, as far as anybody can tell. */
function everFound(facts: Facts, { probe, acknowledged }: WriteFates, detector: ProbeView): Requirement {
  const { name, asks, is } = detector.probe;
  if (is === "delivered") return { ...everOk(facts, detector), before: [LOST] };
  const found = detector.operations.some(({ outcome, result }) => outcome === "ok" && result !== null);
  const never = detector.operations.every(({ outcome }) => outcome !== "ok");
  if (never) return { ...everOk(facts, detector), before: [LOST] };
  return {
    reason: "read-back-never-found",
    needs: `${name}: one write of ${probe.name} found at the least`,
    met: found || acknowledged === 0,
    seen:
      `${name} (${asks}) found none of the writes of ${probe.name}: nobody knows whether it looks at the right ` +
      "place",
    add: `See whether ${asks} is right, by hand, with an id that was written`,
    before: [LOST],
  };
}

/** So many that what could not be told does not matter. */
function told(facts: Facts, { probe, lost, untold, acknowledged }: WriteFates): Requirement {
  const most = mostLost(facts, probe.name);
  const [first] = untold;
  const why = first?.why === undefined ? "" : ` (${first.why})`;
  return {
    reason: UNTOLD,
    needs: `${probe.name}: what became of each acknowledged write`,
    met: untold.length === 0 || (lost.length + untold.length <= most && untold.length < acknowledged),
    seen:
      `of ${untold.length} of ${plural(acknowledged, "acknowledged write")} of ${probe.name} nobody can tell whether ` +
      `they are there${why}`,
    add: first?.isEarly
      ? `Wait before the end of the steps until the old primary is a replica: "- wait: 15s" after "- heal:"`
      : `Let a read-back of ${probe.name} be sent until it is right: "when: eventually, within: 60s"`,
  };
}
