import { type Checker, duration, type Found } from "./checker.ts";
import type { Facts, FaultWindow } from "./facts.ts";
import { faultName, faultsIn } from "./faults-during.ts";
import { primaryLosses, windowEnd } from "./losses.ts";
import { type Cause, evidenceOf } from "./not-promoted/cause.ts";
import { clusterCauses } from "./not-promoted/cluster.ts";
import { sentinelCauses } from "./not-promoted/sentinel.ts";
import { promotionRequirements } from "./promotion-coverage.ts";
import { needlessPromotions, notReplaced, promotionsOf } from "./promotions.ts";
import type { Promotion } from "./promotions-seen.ts";
import { type Asked, askedReplicas } from "./role-changes.ts";
import { sentinelSubject } from "./sentinel-words.ts";
import { detectionSetting, settingAt } from "./settings.ts";
import { supersededPrimaries } from "./split-brain.ts";
import { stalledPromotion } from "./stalled-promotion.ts";

/** Was a replica promoted for every primary that was lost? If not, why not: that is what a reader can mend. */
export const promotion: Checker = {
  name: "promotion",
  stalled: stalledPromotion,
  summary: "a replica was promoted in place of every lost primary",
  judges: [{ path: "promoted", add: `Add "- inject: { fault: kill, target: primary }"` }],
  applies: (facts) => facts.header.expect.promoted !== undefined,
  requires: promotionRequirements,
  check(facts) {
    const losses = primaryLosses(facts);
    if (facts.header.expect.promoted === false) return nobodyPromoted(facts);
    const missed = notTakenOver(facts);
    if (missed) return missed;
    if (losses.length === 0) {
      const [needless] = needlessPromotions(facts);
      if (needless) return tooMany(facts, needless, losses);
      return { verdict: "pass", summary: "no primary was lost, and nobody was promoted", evidence: {} };
    }
    const found = losses.flatMap((fault) => promotionsOf(facts, fault).map((one) => ({ ...one, fault })));
    const missing = notReplaced(facts);
    const [first] = missing;
    if (first) {
      const causes = diagnose(facts, first.fault, first.from);
      const { reason, ...evidence } = evidenceOf(causes, first.fault.injectAt);
      return {
        verdict: "fail",
        summary: `nobody was promoted in place of ${first.from}: ${causes[0].text}`,
        evidence: {
          reason,
          lost: missing.map(({ from }) => from),
          ...evidence,
          ...meanwhile(facts, first.fault),
        },
      };
    }
    const [needless] = needlessPromotions(facts);
    if (needless) return tooMany(facts, needless, losses);
    const asked = askedReplicas(facts);
    const told = found.map(({ from, to, at, fault }) => {
      const others = asked.filter((one) => one.fault === fault && one.tookOver === to && one.asked !== to);
      const names = others.map((one) => one.asked).join(", ");
      const chosen = names === "" ? "" : ` (Sentinel chose it; ${names} was asked for)`;
      return `${to} in place of ${from} after ${duration((at - fault.injectAt) / 1e6)}${chosen}`;
    });
    return {
      verdict: "pass",
      summary: [...new Set(told)].join("; "),
      evidence: {
        ...(asked.length > 0 && { asked: asked.map(toldAsked) }),
        promotions: found.map(({ from, to, at, fault }) => ({ from, to, atMs: (at - fault.injectAt) / 1e6 })),
      },
    };
  },
};

/**
 * A replica of a cluster that was asked to take over and did not. Sentinel chooses by itself: there it is no failure.
 */
function notTakenOver(facts: Facts): Found | undefined {
  if (facts.header.topology.kind === "ha") return undefined;
  const asked = askedReplicas(facts);
  const missed = asked.filter((one) => one.tookOver !== one.asked);
  const [first] = missed;
  if (!first) return undefined;
  const from = first.from === undefined ? "" : ` from ${first.from}`;
  const who = first.tookOver === undefined ? "nobody did" : `${first.tookOver} did`;
  const summary = `${first.asked} was asked to take over${from}, and did not: ${who}`;
  const evidence = { reason: "asked-replica-not-promoted", asked: asked.map(toldAsked) };
  return { verdict: "fail", summary, evidence };
}

function toldAsked({ asked, from, tookOver }: Asked) {
  return { asked, from: from ?? null, tookOver: tookOver ?? null };
}

/** A promotion that nothing asked for: after another had taken the lost primary's place, or without any loss. */
function tooMany(facts: Facts, needless: Promotion, losses: readonly FaultWindow[]): Found {
  const { from, to, at } = needless;
  const loss = losses.findLast(({ injectAt }) => injectAt < at);
  const twice = supersededPrimaries(facts).some((one) => one.promotedAt === at && one.writes.length > 0);
  const notes = [
    ...(twice ? ["two nodes took writes at once, and those of one are lost"] : []),
    ...takenForDead(facts, needless),
  ];
  if (!loss) {
    const summary = `${to} was promoted in place of ${from}, though no fault had taken ${from}`;
    return { verdict: "fail", summary, evidence: { reason: "needless-failover", notes } };
  }
  const after = duration((at - loss.injectAt) / 1e6);
  const summary = `${to} was promoted as well, ${after} after the fault, though ${from} had been and was not hit`;
  return { verdict: "fail", summary, evidence: { reason: "second-failover", notes } };
}

/** Somebody said that a primary is down which answered us all the time: a longer time-out makes that rarer. */
function takenForDead(facts: Facts, { from, at }: Promotion): string[] {
  const said = facts.topology.findLast(
    (event) =>
      event.at <= at &&
      (event.event === "flag"
        ? event.subject === from && event.to === "fail"
        : event.event === "sentinel" &&
          event.detail?.startsWith("+odown master ") === true &&
          sentinelSubject(facts, event.detail) === from),
  );
  if (!said) return [];
  const silent = facts.topology.some(
    ({ event, subject, to, at: then }) =>
      event === "reachable" && subject === from && to === "no" && then <= at && then > said.at - SILENT_NS,
  );
  if (silent) return [];
  const setting = detectionSetting(facts);
  const value = settingAt(facts, setting, said.at);
  const words = said.detail ?? `${from} has failed`;
  return [
    `${said.source} said "${words}" while ${from} answered us; a longer ${setting} (${value ?? "not known"} ms) ` +
      `makes that rarer`,
  ];
}

/** A node that did not answer us so shortly before was not taken for dead without a reason. */
const SILENT_NS = 10e9;

/** For a scenario that expects that nobody takes over. */
function nobodyPromoted(facts: Facts): Found {
  const [promoted] = needlessPromotions(facts);
  if (!promoted) return { verdict: "pass", summary: "nobody was promoted, as expected", evidence: {} };
  const summary = `${promoted.to} was promoted, though nobody should have been`;
  return { verdict: "fail", summary, evidence: { reason: "unexpected-promotion" } };
}

/** Other faults in force in the window may be why: a cut between those that had to agree, say. */
function meanwhile(
  facts: Facts,
  fault: FaultWindow,
): { readonly inForceMeanwhile: readonly string[] } | undefined {
  const names = faultsIn(facts, { from: fault.injectAt, to: windowEnd(facts, fault) })
    .filter((one) => one !== fault)
    .map(faultName);
  return names.length > 0 ? { inForceMeanwhile: names } : undefined;
}

function diagnose(facts: Facts, fault: FaultWindow, primary: string): [Cause, ...Cause[]] {
  const causes = facts.header.topology.kind === "ha" ? sentinelCauses : clusterCauses;
  return causes(facts, fault, primary);
}
