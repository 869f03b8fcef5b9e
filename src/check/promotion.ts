import { majority } from "../base/majority.ts";
import type { LogEventData } from "../model/observed.ts";
import type { CheckResult } from "../model/result.ts";
import { type Checker, duration } from "./checker.ts";
import type { Facts, FaultWindow } from "./facts.ts";
import { lostPrimaries, primaryLosses, windowEnd } from "./losses.ts";
import { promotionRequirements } from "./promotion-coverage.ts";
import { needlessPromotions, promotionsOf } from "./promotions.ts";
import type { Promotion } from "./promotions-seen.ts";
import { firstMention } from "./timeline.ts";

/** Was a replica promoted for every primary that was lost? If not, why not: that is what a reader can mend. */
export const promotion: Checker = {
  name: "promotion",
  summary: "a replica was promoted in place of every lost primary",
  judges: [{ path: "promoted", add: `Add "- inject: { fault: kill, target: primary }"` }],
  applies: (facts) => facts.header.expect.promoted !== undefined,
  requires: promotionRequirements,
  check(facts) {
    const losses = primaryLosses(facts);
    if (facts.header.expect.promoted === false) return nobodyPromoted(facts);
    if (losses.length === 0) {
      const [needless] = needlessPromotions(facts);
      if (needless) return tooMany(needless, losses);
      return { verdict: "pass", summary: "no primary was lost, and nobody was promoted", evidence: {} };
    }
    const found = losses.flatMap((fault) => promotionsOf(facts, fault).map((one) => ({ ...one, fault })));
    const missing = losses.flatMap((fault) =>
      lostPrimaries(facts, fault)
        .filter((from) => !found.some((one) => one.fault === fault && one.from === from))
        .map((from) => ({ from, fault })),
    );
    const [first] = missing;
    if (first) {
      const why = diagnose(facts, first.fault);
      return {
        verdict: "fail",
        summary: `nobody was promoted in place of ${first.from}: ${why.text}`,
        evidence: { reason: why.reason, lost: missing.map(({ from }) => from), ...why.evidence },
      };
    }
    const [needless] = needlessPromotions(facts);
    if (needless) return tooMany(needless, losses);
    const told = found.map(
      ({ from, to, at, fault }) => `${to} in place of ${from} after ${duration((at - fault.injectAt) / 1e6)}`,
    );
    return {
      verdict: "pass",
      summary: told.join("; "),
      evidence: {
        promotions: found.map(({ from, to, at, fault }) => ({ from, to, atMs: (at - fault.injectAt) / 1e6 })),
      },
    };
  },
};

/** A promotion that no loss asked for: after another had taken the lost primary's place, or without any loss. */
function tooMany({ from, to, at }: Promotion, losses: readonly FaultWindow[]): Omit<CheckResult, "name"> {
  const loss = losses.findLast(({ injectAt }) => injectAt < at);
  const notes = [
    "two nodes took writes at once, and those of one are lost: the servers took a living primary for dead; a longer down-after-milliseconds or cluster-node-timeout makes that rarer",
  ];
  if (!loss) {
    const summary = `${to} was promoted in place of ${from}, though no fault had taken ${from}`;
    return { verdict: "fail", summary, evidence: { reason: "needless-failover", notes } };
  }
  const after = duration((at - loss.injectAt) / 1e6);
  const summary = `${to} was promoted as well, ${after} after the fault, though ${from} had been and was not hit`;
  return { verdict: "fail", summary, evidence: { reason: "second-failover", notes } };
}

/** For a scenario that expects that nobody takes over. */
function nobodyPromoted(facts: Facts): Omit<CheckResult, "name"> {
  const [promoted] = needlessPromotions(facts);
  if (!promoted) return { verdict: "pass", summary: "nobody was promoted, as expected", evidence: {} };
  const summary = `${promoted.to} was promoted, though nobody should have been`;
  return { verdict: "fail", summary, evidence: { reason: "unexpected-promotion" } };
}

interface Diagnosis {
  readonly reason: string;
  readonly text: string;
  readonly evidence?: Record<string, unknown>;
}

function diagnose(facts: Facts, fault: FaultWindow): Diagnosis {
  const down = downAt(facts, fault);
  return facts.header.topology.kind === "ha"
    ? diagnoseHa(facts, fault, down)
    : diagnoseCluster(facts, fault, down);
}

function diagnoseHa(facts: Facts, fault: FaultWindow, down: ReadonlySet<string>): Diagnosis {
  const { nodes, quorum = 0 } = facts.header.topology;
  const sentinels = nodes.filter((node) => node.role === "sentinel");
  const alive = sentinels.filter((node) => !down.has(node.name)).length;
  // A quorum detects; a majority of all known Sentinels must also vote for the one that fails over.
  const needed = Math.max(quorum, majority(sentinels.length));
  const evidence = { sentinels: sentinels.length, sentinelsAlive: alive, needed };
  if (alive === 0) return { reason: "no-sentinel-alive", text: "no Sentinel was running", evidence };
  if (alive < needed) {
    return {
      reason: "sentinel-quorum-lost",
      text: `${alive} of ${sentinels.length} Sentinels were running, and ${needed} must agree`,
      evidence,
    };
  }
  if (nodes.filter((node) => node.role === "replica" && !down.has(node.name)).length === 0) {
    return { reason: "no-replica", text: "no replica was running", evidence };
  }
  if (firstMention(facts, fault, "+odown") === undefined) {
    return { reason: "not-detected", text: "the Sentinels never agreed that it was down", evidence };
  }
  return {
    reason: "not-promoted",
    text: "the Sentinels agreed that it was down, but promoted nobody in time",
    evidence,
  };
}

function diagnoseCluster(facts: Facts, fault: FaultWindow, down: ReadonlySet<string>): Diagnosis {
  const { shards } = facts.header.topology;
  const bare = shards.filter(
    ({ shard, replicas }) => fault.shards.includes(shard) && replicas.every((name) => down.has(name)),
  );
  if (bare.length > 0) {
    const named = bare.map(({ shard }) => shard).join(", ");
    return {
      reason: "shard-without-replica",
      text: `shard ${named} had no replica running`,
      evidence: { shards: bare.map(({ shard }) => shard) },
    };
  }
  if (firstMention(facts, fault, "", "fail") === undefined) {
    return { reason: "not-detected", text: "the other primaries never agreed that it failed" };
  }
  const said = (facts.observations("log-event") as LogEventData[]).findLast(
    ({ event, at }) => event === "cannot-failover" && at >= fault.injectAt && at <= windowEnd(facts, fault),
  );
  return {
    reason: "not-promoted",
    text: "it was marked as failed, but no replica won an election in time",
    ...(said && { evidence: { said: `${said.node}: ${said.detail}` } }),
  };
}

/** Nodes that a fault held down when this one came, itself included. */
function downAt(facts: Facts, fault: FaultWindow): Set<string> {
  const gone = (name: string) =>
    facts.header.topology.nodes.some((node) => node.name === name && node.role === "sentinel") ||
    facts.topology.some(
      ({ event, subject, to, at }) =>
        event === "reachable" && subject === name && to === "no" && at <= fault.injectAt + 1e9,
    );
  const inForce = facts.faults.filter(
    (other) => other.injectAt <= fault.injectAt && (other.healAt ?? Infinity) > fault.injectAt,
  );
  return new Set(inForce.flatMap((other) => other.targets).filter(gone));
}
