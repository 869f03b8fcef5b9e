import { plural, type Requirement } from "../checker.ts";
import { closeEnough } from "../close-enough.ts";
import { type Facts, type FaultWindow, toSeconds } from "../facts.ts";
import { neededAround } from "../fault-coverage.ts";
import { faultName } from "../faults-during.ts";
import type { Span } from "../span.ts";
import { unobserved } from "../stalls.ts";
import { everWell, type ProbeView, probeViews, worstAnswer } from "./probes.ts";

/** Whatever was found: it is of an application that was not right to begin with. */
const ALL = () => true;

/** What each check of the application needs: it was right before anything was broken. */
export function rightBefore(facts: Facts): Requirement {
  const asked = facts.observations("app-probe").filter(({ when }) => when === "before");
  const last = new Map(asked.map((one) => [one.probe, one]));
  const wrong = [...last.values()].find(({ ok }) => !ok);
  return {
    reason: BEFORE_FAILED,
    needs: "each probe that is sent before the first fault, going well",
    met: wrong === undefined,
    seen: `${wrong?.probe} failed before anything was broken: ${wrong?.seen}`,
    add: "Mend that first: what fails before a fault says nothing of the fault",
    before: ALL,
  };
}

export const BEFORE_FAILED = "before-probe-failed";

/** A probe that never once went well asks for the wrong thing, or of nobody. */
export function everOk(facts: Facts, view: ProbeView): Requirement {
  const { name, asks, is } = view.probe;
  const seldom = is === "delivered" ? "nothing was ever delivered" : worstAnswer(facts, view);
  return {
    reason: "probe-never-ok",
    needs: `${name}: one success at the least`,
    met: everWell(facts, view),
    seen: `${name} (${asks}) never once succeeded: ${seldom}`,
    add: `See whether probe ${name} asks for what the application has: ${asks}`,
    before: ALL,
  };
}

/** It was sent from before each fault until its effects were over, and often enough to see an outage. */
export function sentAround(facts: Facts, view: ProbeView, before?: Requirement["before"]): Requirement[] {
  return facts.faults.map((fault) => {
    const lack = lackAround(facts, view, fault);
    const { name } = view.probe;
    return {
      reason: lack?.reason ?? "probe-not-sent",
      needs: `${name}: sent from before ${faultText(fault)} until its effects were over`,
      met: lack === undefined,
      seen: lack?.seen ?? "",
      add:
        `Let probe ${name} be sent all the time: "when: always" with "every: 50ms", and wait before the fault and ` +
        `after it`,
      ...(before && { before }),
    };
  });
}

function lackAround(facts: Facts, view: ProbeView, fault: FaultWindow) {
  const { probe, dues } = view;
  const { name } = probe;
  const writes = view.outages.filter(({ endAt = Infinity }) => endAt > fault.injectAt);
  const around = neededAround(facts, { fault, writes, reads: [] });
  // A fault may be undone after the steps: until then no probe is sent.
  const need = { from: around.from, to: Math.min(around.to, facts.steps.at(-1)?.at ?? Infinity) };
  const [first = Infinity, last = -Infinity] = [dues[0], dues.at(-1)];
  const came = `${faultName(fault)} came at ${toSeconds(fault.injectAt)}`;
  if (first === Infinity)
    return { reason: "probe-not-sent", seen: `${name} was not sent while the drill went on` };
  if (first > fault.injectAt)
    return {
      reason: "probe-started-late",
      seen: `${name} was not sent until ${toSeconds(first)}, and ${came}`,
    };
  const most = Math.max(STOPPED_FACTOR * stepOf(view), view.lateNs);
  if (last < fault.injectAt || last + most < need.to)
    return { reason: "probe-stopped", seen: `${name} was not sent after ${toSeconds(last)}, and ${came}` };
  const gap = longestGap(facts, view, need);
  if (gap.unseenNs <= most) return undefined;
  const span = `from ${toSeconds(gap.from)} to ${toSeconds(gap.to)}`;
  return { reason: "probe-stopped", seen: `${name} was not sent ${span}, and ${came}` };
}

/** A probe that sends so many times more seldom than it usually does was stopped. */
const STOPPED_FACTOR = 4;

/** What it usually leaves between two, ns. */
function stepOf({ dues, probe }: ProbeView): number {
  const steps = dues.slice(1).map((due, n) => due - (dues[n] as number));
  const usual = steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
  return Math.max(usual, (probe.everyMs ?? 0) * 1e6);
}

/** The longest time in which nothing was due that could have shown an outage; what the tool did not see apart. */
export function longestGap(facts: Facts, { dues }: ProbeView, need: Span): Span & { unseenNs: number } {
  let longest = { from: need.from, to: need.from, unseenNs: 0 };
  for (let n = 1; n < dues.length; n += 1) {
    const span = { from: dues[n - 1] as number, to: dues[n] as number };
    if (span.to <= need.from || span.from >= need.to) continue;
    const unseenNs = span.to - span.from - unobserved(facts, span);
    if (unseenNs > longest.unseenNs) longest = { ...span, unseenNs };
  }
  return longest;
}

/** Two in a row lie no further apart than the limit: a longer outage could not hide between them. */
export function sentOftenEnough(facts: Facts, view: ProbeView, limitMs: number): Requirement {
  const { name } = view.probe;
  const [from = 0, to = 0] = [view.dues[0], view.dues.at(-1)];
  return closeEnough(facts, {
    ...{ name, sends: name, limitMs, gap: longestGap(facts, view, { from, to }) },
    allowedMs: Math.max(limitMs, view.lateNs / 1e6),
    left: (length) => `${length} lay between two of ${name}`,
    add: `Send probe ${name} more often: "every: ${fasterMs(limitMs)}ms"`,
  });
}

function fasterMs(limitMs: number): number {
  return Math.max(10, Math.min(100, Math.round(limitMs / 10)));
}

/** Probes of that name, or a requirement that says that there is none. */
export function viewNamed(facts: Facts, name: string): ProbeView | Requirement {
  const found = probeViews(facts).find(({ probe }) => probe.name === name);
  if (found) return found;
  const names = probeViews(facts).map(({ probe }) => probe.name);
  return {
    reason: "no-such-probe",
    needs: `a probe named ${name}`,
    met: false,
    seen: `there is none; there ${names.length === 1 ? "is" : "are"} ${names.join(", ") || plural(0, "probe")}`,
    add: `Add a probe with "name: ${name}", or take expect.${name} out`,
  };
}

function faultText(fault: FaultWindow): string {
  return `the fault at ${toSeconds(fault.injectAt)} (${faultName(fault)})`;
}
