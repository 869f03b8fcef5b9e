import { type Checker, type EvidenceTable, plural } from "./checker.ts";
import { type Facts, type FaultWindow, toMs } from "./facts.ts";
import { isOwnWrite, type JudgedWrite, tallyOf } from "./fates.ts";
import { type LossWindow, lossWindowsOf } from "./loss-window.ts";
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
  applies: (facts) => facts.operations.some(isOwnWrite),
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
      const summary = `${plural(replicatedLost.length, "write")} acknowledged and seen on the replicas before the fault are gone`;
      return fail("replicated-writes-lost", summary, { keys: keys(replicatedLost) });
    }
    if (allowed !== "replicated" && lost.length > allowed) {
      const summary = `${plural(lost.length, "acknowledged write")} lost; at most ${allowed} may be`;
      return fail("acknowledged-writes-lost", summary, { keys: keys(lost) });
    }
    if (unread.length > 0) {
      const summary = `the fate of ${plural(unread.length, "write")} is unknown: their keys could not be read at the end`;
      return { verdict: "unknown", summary, evidence: { reason: "keys-unread", ...evidence } };
    }
    return { verdict: "pass", summary: passSummary(facts, acknowledged, lost.length), evidence };
  },
};

function lostAsExpected(lost: readonly JudgedWrite[]): string {
  return `${plural(lost.length, "write")} acknowledged and seen on the replicas before the fault are gone, as expected`;
}

function passSummary(facts: Facts, acknowledged: number, lost: number): string {
  const confirmed = facts.header.waitReplicas;
  const by = confirmed > 0 ? ` by the primary and ${plural(confirmed, "replica")}` : "";
  if (lost === 0) return `all ${plural(acknowledged, "write")} acknowledged${by} survived`;
  const windows = lossWindowsOf(facts);
  const taken = windows.filter(({ superseded }) => superseded !== undefined);
  const how = [
    ...withFault(windows.filter(({ superseded }) => superseded === undefined)),
    ...taken.map(({ superseded, lost: count }) => `${count} taken by ${superseded}, which was superseded`),
  ];
  return `${lost} of ${plural(acknowledged, "write")} acknowledged${by} lost: ${how.join("; ")}`;
}

function withFault(windows: readonly LossWindow[]): string[] {
  if (windows.length === 0) return [];
  const earliest = Math.max(...windows.map(({ firstBeforeFaultMs = 0 }) => firstBeforeFaultMs));
  const worst = windows.reduce((a, b) => (b.lost > a.lost ? b : a));
  const when =
    earliest >= 0 ? `in the last ${earliest} ms before the fault` : `from ${-earliest} ms after the fault on`;
  return [`${when} (${windowText(worst)}), not yet seen on a replica`];
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
      "fault",
      ...(clustered ? ["shard"] : []),
      "first acknowledged",
      "last acknowledged",
      "lost",
      "of acknowledged",
    ],
    rows: windows.map(
      ({ fault, superseded, shard, firstBeforeFaultMs, lastBeforeFaultMs, lost, acknowledged }) => [
        superseded === undefined ? faultName(fault) : `${superseded} superseded`,
        ...(clustered ? [shard ?? "-"] : []),
        besideFault(firstBeforeFaultMs),
        besideFault(lastBeforeFaultMs),
        lost,
        acknowledged,
      ],
    ),
  };
}

function besideFault(beforeMs: number | undefined): string {
  if (beforeMs === undefined) return "-";
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
  };
}

function beforeFaultMs({ nextLossAt, operation }: JudgedWrite): number | undefined {
  return nextLossAt === undefined || operation.completedAt === undefined
    ? undefined
    : toMs(nextLossAt - operation.completedAt);
}
