import { majority } from "../../base/majority.ts";
import { duration } from "../checker.ts";
import type { Facts, FaultWindow } from "../facts.ts";
import { settingAt } from "../settings.ts";
import { abortedCauses } from "./aborted.ts";
import { type Cause, inMs, listed, type Said } from "./cause.ts";
import {
  neededOf,
  othersOf,
  type SentinelEvent,
  type SentinelReports,
  sentinelReports,
  sentinelsOf,
} from "./sentinel-reports.ts";
import { answeredNs, heldUntil, inTilt, STILL_SEEN_NS, sentinelAnswersAt, TILT_NS } from "./spans.ts";

/**
 * Why the Sentinels promoted nobody in place of a primary, by all that they and the nodes said from the fault to the
 * end of its window. The cause that explains the most of that time is the first.
 */
export function sentinelCauses(facts: Facts, fault: FaultWindow, primary: string): [Cause, ...Cause[]] {
  const account = sentinelReports(facts, fault, primary);
  const able = ableSentinels(facts, account);
  if (able?.always) return [able.cause];
  const besides = able ? [able.cause] : [];
  if (nobodyAnswered(facts, account, primary)) {
    const replicas = othersOf(facts, primary);
    const text =
      replicas.length === 0 ? "there is no replica" : `no replica was running (${listed(replicas)})`;
    return [
      { reason: "no-replica", text, evidence: counted(facts, account), ...saidOf(lastAbort(account)) },
      ...besides,
    ];
  }
  const aborted = abortedCauses(facts, account, primary);
  if (aborted) return [...aborted, ...besides];
  const detected = account.first("+odown");
  const [main, ...others] = detected
    ? afterDetection(facts, account, detected, primary)
    : notDetected(facts, account, primary);
  return [{ ...main, evidence: { ...counted(facts, account), ...main.evidence } }, ...others, ...besides];
}

/** The Sentinels had agreed, gave nothing up, and promoted nobody all the same. */
function afterDetection(
  facts: Facts,
  account: SentinelReports,
  detected: SentinelEvent,
  primary: string,
): [Cause, ...Cause[]] {
  const selected = account.last("+selected-slave");
  const over = account.last("-odown") ?? account.last("-sdown");
  if (over && over.at > detected.at && over.at > (account.last("+odown")?.at ?? 0)) {
    const after = duration((over.at - account.window.from) / 1e6);
    const text = `${primary} answered again ${after} after the fault, before anybody was promoted`;
    return [{ reason: "answered-again", text, said: over }];
  }
  const delayed = account.logs.findLast(({ event }) => event === "failover-delayed");
  const setting = {
    name: "failover-timeout",
    value: inMs(settingAt(facts, "failover-timeout", detected.at)),
  };
  if (delayed) {
    const text =
      "the Sentinels had tried a failover or voted for one a short time ago, and waited for twice failover-timeout " +
      "before the next";
    const said = { by: delayed.node, words: delayed.detail ?? "", at: delayed.at };
    const fix = "a shorter failover-timeout lets them try again sooner";
    return [{ reason: "waiting-to-retry", text, said, setting, fix }];
  }
  if (selected) {
    const text =
      `a Sentinel had chosen ${selected.about ?? "a replica"}, which was no primary when the next fault ` +
      `or the end came`;
    return [{ reason: "promotion-timed-out", text, said: selected, setting }];
  }
  return [
    {
      reason: "not-promoted",
      text: "the Sentinels agreed that it was down, but promoted nobody in time",
      said: account.last("+try-failover") ?? detected,
    },
  ];
}

function notDetected(facts: Facts, account: SentinelReports, primary: string): [Cause, ...Cause[]] {
  const quorum = facts.header.topology.quorum ?? majority(sentinelsOf(facts).length);
  const first = account.first("+sdown");
  const downAfter = settingAt(facts, "down-after-milliseconds", account.window.from);
  if (!first) {
    return [
      {
        reason: "not-detected",
        text: `no Sentinel held ${primary} to be down`,
        setting: { name: "down-after-milliseconds", value: inMs(downAfter) },
        fix:
          "a Sentinel must get no answer from it for down-after-milliseconds: a lower value detects shorter " +
          "failures",
      },
    ];
  }
  const by = [...new Set(account.events.filter(({ name }) => name === "+sdown").map((event) => event.by))];
  const back = account.last("-sdown");
  if (back && back.at > (account.last("+sdown")?.at ?? 0)) {
    const after = duration((back.at - account.window.from) / 1e6);
    const text = `${primary} answered again ${after} after the fault, before the Sentinels agreed that it was down`;
    return [{ reason: "answered-again", text, said: back }];
  }
  if (by.length >= quorum) {
    return [{ reason: "not-detected", text: "the Sentinels never agreed that it was down", said: first }];
  }
  return [
    {
      reason: "quorum-not-reached",
      text: `only ${listed(by)} held it to be down, and ${quorum} Sentinels must agree`,
      said: first,
      setting: { name: "quorum", value: String(quorum) },
      fix: "as many Sentinels as the quorum says must be unable to reach the primary, and must reach each other",
      evidence: { heldDownBy: by },
    },
  ];
}

/** Were too few Sentinels able to act, and for how long? */
function ableSentinels(
  facts: Facts,
  account: SentinelReports,
): { readonly cause: Cause; readonly always: boolean } | undefined {
  const { window } = account;
  const names = sentinelsOf(facts);
  const needed = neededOf(facts);
  const alive = (at: number) => names.filter((name) => sentinelAnswersAt(facts, name, at));
  const able = (at: number) => alive(at).filter((name) => !inTilt(facts, name, at));
  const from = Math.min(window.from + STILL_SEEN_NS, window.to);
  const lacked = heldUntil({ from, to: window.to }, changesOf(facts), (at) => able(at).length < needed);
  if (lacked === from) return undefined;
  const aliveThen = alive(from).length;
  const evidence = { sentinels: names.length, sentinelsAlive: aliveThen, needed };
  const always = lacked >= window.to;
  const until = always ? "" : ` until ${duration((lacked - window.from) / 1e6)} after the fault`;
  const sick = alive(from).filter((name) => inTilt(facts, name, from));
  if (aliveThen >= needed) {
    const said = facts.topology.findLast(
      ({ event, source, detail, at }) =>
        event === "sentinel" && sick.includes(source) && detail?.startsWith("+tilt") && at <= from,
    );
    return {
      always,
      cause: {
        reason: "sentinel-tilt",
        text:
          `${listed(sick)} ${sick.length === 1 ? "was" : "were"} in TILT${until}, in which a Sentinel acts on ` +
          `nothing for 30 s`,
        said: said && { by: said.source, words: said.detail ?? "", at: said.at },
        fix:
          "a Sentinel goes into TILT when its process or its clock stood still for 2 s: look for a machine that " +
          "was suspended or starved",
        evidence: { ...evidence, inTilt: sick },
      },
    };
  }
  const said = noQuorum(facts, account) ?? account.last("-failover-abort-not-elected");
  if (aliveThen === 0) {
    return {
      always,
      cause: { reason: "no-sentinel-alive", text: `no Sentinel was running${until}`, evidence },
    };
  }
  return {
    always,
    cause: {
      reason: "sentinel-quorum-lost",
      text: `${aliveThen} of ${names.length} Sentinels were running${until}, and ${needed} must agree`,
      ...(said && { said }),
      setting: { name: "quorum", value: String(facts.header.topology.quorum ?? needed) },
      fix: "a quorum detects, and a majority of all Sentinels must vote: spread them so that a majority survives",
      evidence,
    },
  };
}

/** What a Sentinel that is left answers to CKQUORUM. */
function noQuorum(facts: Facts, { window }: SentinelReports): Said | undefined {
  const told = facts
    .observations("sentinel-quorum")
    .find(({ at, said }) => at >= window.from && at <= window.to && said?.startsWith("NOQUORUM"));
  return told && { by: told.sentinel, words: told.said ?? "", at: told.at };
}

function counted(facts: Facts, { window }: SentinelReports) {
  const names = sentinelsOf(facts);
  const at = Math.min(window.from + STILL_SEEN_NS, window.to);
  const alive = names.filter((name) => sentinelAnswersAt(facts, name, at)).length;
  return { sentinels: names.length, sentinelsAlive: alive, needed: neededOf(facts) };
}

/** From when on the fault is over with them as well, no replica answered us any more. */
function nobodyAnswered(facts: Facts, { window }: SentinelReports, primary: string): boolean {
  const from = Math.min(window.from + STILL_SEEN_NS, window.to);
  return othersOf(facts, primary).every((name) => answeredNs(facts, name, { from, to: window.to }) === 0);
}

function lastAbort(account: SentinelReports): SentinelEvent | undefined {
  return account.events.findLast(({ name }) => name.startsWith("-failover-abort"));
}

function saidOf(said: SentinelEvent | undefined) {
  return said ? { said } : {};
}

/** Times at which Sentinels may have begun or ceased to act. */
function changesOf(facts: Facts): number[] {
  const asked = facts.observations("sentinel-quorum");
  return [
    ...asked.map(({ at }) => at),
    ...facts.faults.flatMap(({ injectAt, healAt }) => [injectAt, healAt ?? injectAt]),
    ...facts.topology.flatMap(({ event, detail, at }) =>
      event === "sentinel" && /^[+-]tilt/.test(detail ?? "") ? [at, at + TILT_NS] : [],
    ),
  ];
}
