import { type Checker, plural } from "./checker.ts";
import { type Facts, toMs } from "./facts.ts";
import { countFates, type JudgedWrite, judgeWrites } from "./fates.ts";

/** Losses listed in the evidence; the history has them all. */
const LISTED = 1000;

/** Every write judged: is what was acknowledged still there? */
export const durability: Checker = {
  name: "durability",
  summary: "every write judged by what stands under its key at the end: survived, lost, recovered, absent",
  applies: (facts) => facts.operations.some(({ f, shared }) => f === "write" && !shared),
  check(facts) {
    const writes = judgeWrites(facts);
    const with_ = (fate: JudgedWrite["fate"]) => writes.filter((write) => write.fate === fate);
    const lost = with_("lost");
    const evidence = { fates: countFates(writes), lost: lost.slice(0, LISTED).map((write) => told(write)) };
    const fail = (reason: string, summary: string, more: object = {}) =>
      ({ verdict: "fail", summary, evidence: { reason, ...evidence, ...more } }) as const;
    const keys = (some: readonly JudgedWrite[]) =>
      some.slice(0, LISTED).map(({ operation }) => operation.key);

    const changed = with_("changed");
    if (changed.length > 0) {
      return fail("changed-values", `${plural(changed.length, "key")} held a value that nobody wrote there`, {
        keys: keys(changed),
      });
    }
    const phantom = with_("phantom");
    if (phantom.length > 0) {
      const summary = `${plural(phantom.length, "write")} that the error table calls refused happened all the same`;
      return fail("phantom-writes", summary, { keys: keys(phantom) });
    }
    const replicatedLost = lost.filter((write) => write.replicated);
    if (replicatedLost.length > 0) {
      const summary = `${plural(replicatedLost.length, "write")} acknowledged and seen on the replicas before the fault are gone`;
      return fail("replicated-writes-lost", summary, { keys: keys(replicatedLost) });
    }
    const allowed = facts.header.expect.lostAcknowledgedWrites ?? "replicated";
    if (allowed !== "replicated" && lost.length > allowed) {
      const summary = `${plural(lost.length, "acknowledged write")} lost; at most ${allowed} may be`;
      return fail("acknowledged-writes-lost", summary, { keys: keys(lost) });
    }
    const unread = with_("unknown");
    if (unread.length > 0) {
      const summary = `the fate of ${plural(unread.length, "write")} is unknown: their keys could not be read at the end`;
      return { verdict: "unknown", summary, evidence: { reason: "keys-unread", ...evidence } };
    }
    return { verdict: "pass", summary: passSummary(facts, writes, lost), evidence };
  },
};

function passSummary(facts: Facts, writes: readonly JudgedWrite[], lost: readonly JudgedWrite[]): string {
  const acknowledged = writes.filter(({ operation }) => operation.outcome === "ok").length;
  const confirmed = facts.header.waitReplicas;
  const by = confirmed > 0 ? ` by the primary and ${plural(confirmed, "replica")}` : "";
  if (lost.length === 0) return `all ${plural(acknowledged, "write")} acknowledged${by} survived`;
  const earliest = Math.max(...lost.map((write) => beforeFaultMs(write) ?? 0));
  return (
    `${lost.length} of ${plural(acknowledged, "write")} acknowledged${by} lost: in the last ${earliest} ms before the fault, ` +
    "not yet seen on a replica"
  );
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
