import { type Checker, type EvidenceTable, plural } from "./checker.ts";
import { durabilityRequirements } from "./durability-coverage.ts";
import { type Facts, type FaultWindow, toMs } from "./facts.ts";
import { isOwnWrite, type JudgedWrite, tallyOf } from "./fates.ts";
import { causeOf, type LossCause, type LossWindow, lossWindowsOf } from "./loss-window.ts";
import { needlessPromotions } from "./promotions.ts";
import { unlessFaultsLasted } from "./unless-stalled.ts";

/** Losses listed in the evidence; the history has them all. */
const LISTED = 1000;
/** How many writes are lost rests on how long the fault lasted; that none may be lost which was replicated does not. */
const OF_FAULTS = ["acknowledged-writes-lost", "no-write-lost"];

/** Every write judged: is what was acknowledged still there? */
export const durability: Checker = {
  name: "durability",
  summary: "every write judged by what stands under its key at the end: survived, lost, recovered, absent",
  judges: [{ path: "lostAcknowledgedWrites", add: `Add "- start: unique-writes" before the first fault` }],
  applies: (facts) => facts.operations.some(isOwnWrite),
  requires: durabilityRequirements,
  stalled(facts, found) {
    const reason = String(found.evidence.reason);
    const left = OF_FAULTS.includes(reason) ? unlessFaultsLasted(facts, found) : found;
    // On a machine that is too busy servers take living ones for dead: what that lost is not their fault.
    return { ...left, holds: !reason.endsWith("-lost") || needlessPromotions(facts).length === 0 };
  },
  check(facts) {
    const { fates, notable, acknowledged } = tallyOf(facts);
    const { lost, changed, phantom, unknown: unread } = notable;
    const windows = lossWindowsOf(facts);
    const evidence = {
      fates,
      lost: lost.slice(0, LISTED).map((write) => told(write)),
      ...(windows.length > 0 && { lossWindows: windows.map(flat), tables: [windowTable(windows)] }),
    };
    const fail = (reason: string, summary: string, more: object = {}) =>
      ({ verdict: "fail", summary, evidence: { reason, ...evidence, ...more } }) as const;
    const keys = (some: readonly JudgedWrite[]) =>
      some.slice(0, LISTED).map(({ operation }) => operation.key);

    if (changed.length > 0) {
      return fail("changed-values", `${plural(changed.length, "key")} held a value that nobody wrote there`, {
        keys: keys(changed),
      });
    }
    if (phantom.length > 0) {
      const summary = `${plural(phantom.length, "write")} that the error table calls refused happened all the same`;
      return fail("phantom-writes", summary, { keys: keys(phantom) });
    }
    const replicatedLost = lost.filter((write) => write.replicated);
    const allowed = facts.header.expect.lostAcknowledgedWrites ?? "replicated";
    if (allowed === "expected") {
      if (replicatedLost.length > 0)
        return { verdict: "pass", summary: lostAsExpected(replicatedLost), evidence };
      return fail(
        "no-write-lost",
        "no write that was seen replicated is gone, though the drill is to show that",
      );
    }
    if (replicatedLost.length > 0) {
      const summary =
        `${plural(replicatedLost.length, "write")} acknowledged and seen on the replicas before the ` +
        `fault are gone`;
      return fail("replicated-writes-lost", summary, { keys: keys(replicatedLost) });
    }
    if (allowed !== "replicated" && lost.length > allowed) {
      const summary = `${plural(lost.length, "acknowledged write")} lost; at most ${allowed} may be`;
      return fail("acknowledged-writes-lost", summary, { keys: keys(lost) });
    }
    const unexplained = lost.filter((write) => causeOf(write) === "unexplained");
    if (allowed === "replicated" && unexplained.length > 0 && tellsWhatFaultsDo(facts)) {
      const summary = `${plural(unexplained.length, "acknowledged write")} gone, which no loss of a primary explains`;
      return fail("acknowledged-writes-lost", summary, { keys: keys(unexplained) });
    }
    const unattributed = lost.filter((write) => causeOf(write) === "unattributed");
    if (allowed === "replicated" && unattributed.length > 0) {
      const summary =
        `nobody knows who acknowledged ${plural(unattributed.length, "write")} that are gone, and so ` +
        `whether they were replicated`;
      return { verdict: "unknown", summary, evidence: { reason: "writes-not-attributed", ...evidence } };
    }
    if (unread.length > 0) {
      const summary =
        `the fate of ${plural(unread.length, "write")} is unknown: their keys could not be read ` +
        `at the end`;
      return { verdict: "unknown", summary, evidence: { reason: "keys-unread", ...evidence } };
    }
    return { verdict: "pass", summary: passSummary(facts, acknowledged, lost.length, windows), evidence };
  },
};

/**
 * Does the history tell of each fault whether it takes data by itself? One that does not leaves open what a fault did.
 */
function tellsWhatFaultsDo({ faults }: Facts): boolean {
  return faults.every(({ roles }) => roles !== undefined);
}

function lostAsExpected(lost: readonly JudgedWrite[]): string {
  return `${plural(lost.length, "write")} acknowledged and seen on the replicas before the fault are gone, as expected`;
}

function passSummary(
  facts: Facts,
  acknowledged: number,
  lost: number,
  windows: readonly LossWindow[],
): string {
  const confirmed = facts.header.waitReplicas;
  const by = confirmed > 0 ? ` by the primary and ${plural(confirmed, "replica")}` : "";
  if (lost === 0) return `all ${plural(acknowledged, "write")} acknowledged${by} survived`;
  const how = lossesTold(windows).join("; ");
  return `${lost} of ${plural(acknowledged, "write")} acknowledged${by} lost: ${how}`;
}

/** For each cause when its losses were acknowledged, the losses of primaries first. */
function lossesTold(windows: readonly LossWindow[]): string[] {
  const of = (cause: LossCause) => windows.filter((window) => window.cause === cause);
  const count = (cause: LossCause) => of(cause).reduce((sum, { lost }) => sum + lost, 0);
  const said = (cause: LossCause, text: string) => (count(cause) > 0 ? [`${count(cause)} ${text}`] : []);
  return [
    ...withFault(of("primary-lost")),
    ...of("data-removed").map(({ fault, lost }) => `${lost} removed by ${faultName(fault)}`),
    ...of("superseded").map(({ superseded, lost }) => `${lost} taken by ${superseded}, which was superseded`),
    ...of("detached").map(({ detached, lost }) => `${lost} taken by ${detached}, which was detached`),
    ...said("unattributed", "acknowledged by nobody knows whom while two nodes called themselves primary"),
    ...said("unexplained", "after which no fault came that explains it"),
  ];
}

/** One loss of a primary, or several after each other, each with its own window. */
function withFault(windows: readonly LossWindow[]): string[] {
  const several = new Set(windows.map(({ fault }) => fault?.id)).size > 1;
  return windows.map((window) => {
    const { fault, firstBeforeFaultMs = 0, replicated, lost } = window;
    const the = several ? faultName(fault) : "the fault";
    const when =
      firstBeforeFaultMs >= 0
        ? `in the last ${firstBeforeFaultMs} ms before ${the}`
        : `from ${-firstBeforeFaultMs} ms after ${the} on`;
    const seen =
      replicated === 0 ? "not yet seen on a replica" : `${replicated} of ${lost} seen on the replicas`;
    return `${when} (${windowText(window)}), ${seen}`;
  });
}

/** `window of 12 ms: 5 lost of 9 acknowledged` */
function windowText({ lengthMs, lost, acknowledged }: LossWindow): string {
  return `window of ${lengthMs} ms: ${lost} lost of ${acknowledged} acknowledged`;
}

/** A window in one row of numbers. */
function flat({ fault, ...window }: LossWindow) {
  return { fault: faultName(fault), faultAtMs: fault && toMs(fault.injectAt), ...window };
}

function windowTable(windows: readonly LossWindow[]): EvidenceTable {
  const clustered = windows.some(({ shard }) => shard !== undefined);
  return {
    title: "Loss windows: when what is lost was acknowledged",
    columns: [
      "lost with",
      ...(clustered ? ["shard"] : []),
      "first acknowledged",
      "last acknowledged",
      "lost",
      "of acknowledged",
    ],
    rows: windows.map(
      ({ shard, firstAtMs, lastAtMs, firstBeforeFaultMs, lastBeforeFaultMs, lost, acknowledged, ...why }) => [
        whyLost(why),
        ...(clustered ? [shard ?? "-"] : []),
        besideFault(firstBeforeFaultMs, firstAtMs),
        besideFault(lastBeforeFaultMs, lastAtMs),
        lost,
        acknowledged,
      ],
    ),
  };
}

function whyLost({ cause, fault, superseded, detached }: Partial<LossWindow>): string {
  const node = superseded ?? detached;
  if (cause === "unattributed") return `perhaps ${node}`;
  if (node !== undefined) return `${node} ${cause}`;
  return fault ? faultName(fault) : "no fault";
}

/** Beside no fault it is told by the time since the run began. */
function besideFault(beforeMs: number | undefined, atMs: number): string {
  if (beforeMs === undefined) return `at ${atMs} ms`;
  return beforeMs >= 0 ? `${beforeMs} ms before` : `${-beforeMs} ms after`;
}

function faultName(fault: FaultWindow | undefined): string {
  return fault ? `${fault.fault} ${fault.primaries.join(", ")}` : "none";
}

function told(write: JudgedWrite) {
  return {
    key: write.operation.key,
    acknowledgedAtMs: toMs(write.operation.completedAt ?? 0),
    acknowledgedBeforeFaultMs: beforeFaultMs(write),
    seenReplicated: write.replicated,
    cause: causeOf(write),
  };
}

function beforeFaultMs({ fault, operation }: JudgedWrite): number | undefined {
  return fault === undefined || operation.completedAt === undefined
    ? undefined
    : toMs(fault.injectAt - operation.completedAt);
}
