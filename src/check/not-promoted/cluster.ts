import { majority } from "../../base/majority.ts";
import type { LogEventData } from "../../model/observed.ts";
import { duration } from "../checker.ts";
import { type Facts, type FaultWindow, shardOfNode } from "../facts.ts";
import { windowEnd } from "../losses.ts";
import { settingAt } from "../settings.ts";
import type { Span } from "../span.ts";
import { type Cause, inMs, listed, type Said } from "./cause.ts";
import { answeredNs, answersAt, heldUntil, STILL_SEEN_NS } from "./spans.ts";

interface Account {
  readonly window: Span;
  readonly primary: string;
  readonly replicas: readonly string[];
  /** Of these, who answered us at any time after the fault. */
  readonly running: readonly string[];
  readonly logs: readonly LogEventData[];
}

/** Why the nodes of a cluster promoted nobody in place of a primary, by all that they said. See `sentinelCauses`. */
export function clusterCauses(facts: Facts, fault: FaultWindow, primary: string): [Cause, ...Cause[]] {
  const account = accountOf(facts, fault, primary);
  const { window, replicas, running } = account;
  const [majorityLost, lostAlways] = primariesLost(facts, account);
  const besides = majorityLost ? [majorityLost] : [];
  if (running.length === 0) {
    const shard = shardOfNode(facts, primary);
    const text = replicas.length === 0 ? "has no replica" : `had no replica running (${listed(replicas)})`;
    const fix = "a shard needs a replica that is running when its primary fails";
    return [
      { reason: "shard-without-replica", text: `shard ${shard} ${text}`, fix, evidence: { shards: [shard] } },
      ...besides,
    ];
  }
  if (majorityLost && lostAlways) return [majorityLost];
  const failed = failedAt(facts, account);
  if (failed === undefined) return [notDetected(facts, account), ...besides];
  const back = facts.topology.findLast(
    ({ event, subject, to, at }) =>
      event === "flag" && subject === primary && to === "ok" && at > failed.at && at <= window.to,
  );
  const reasons = [...mustNot(facts, account), ...inTheirWords(facts, account, failed.at)];
  const [main = unexplained(failed), ...others] = reasons;
  if (reasons.length > 0 || !back) return [main, ...others, ...besides];
  const after = duration((back.at - window.from) / 1e6);
  const again: Cause = {
    reason: "answered-again",
    text: `${primary} answered again ${after} after the fault, before anybody was promoted`,
    said: { by: back.source, words: `${primary} is not flagged fail any more`, at: back.at },
  };
  // An election takes no longer than this; one that did not come in that time had another cause, which nobody told.
  const timeoutMs = Number(settingAt(facts, "cluster-node-timeout", window.from) ?? 0);
  const inTime = back.at - failed.at < Math.max(2 * timeoutMs, ELECTION_MS) * 1e6;
  return inTime ? [again, ...besides] : [main, again, ...besides];
}

/** Votes are waited for as long at least (src/cluster_legacy.c, CLUSTER_OPERATION_TIMEOUT). */
const ELECTION_MS = 2000;

function accountOf(facts: Facts, fault: FaultWindow, primary: string): Account {
  const window = { from: fault.injectAt, to: windowEnd(facts, fault) };
  const replicas = followersAt(facts, primary, fault.injectAt);
  const later = { from: Math.min(window.from + STILL_SEEN_NS, window.to), to: window.to };
  return {
    window,
    primary,
    replicas,
    running: replicas.filter((name) => answeredNs(facts, name, later) > 0),
    logs: facts
      .observations("log-event")
      .filter(({ at, errorMs }) => at >= window.from - errorMs * 1e6 && at <= window.to),
  };
}

/** By their own account; a node that gave none follows whom it was planned to. */
function followersAt(facts: Facts, primary: string, at: number): string[] {
  const { nodes } = facts.header.topology;
  return nodes
    .filter(({ name, role, shard }) => {
      const told = facts.topology.findLast(
        (event) => event.event === "follows" && event.subject === name && event.at <= at,
      );
      const became = facts.topology.findLast(
        (event) => event.event === "role" && event.subject === name && event.at <= at,
      );
      if (name === primary || became?.to === "primary") return false;
      if (told) return told.to === primary;
      return (became?.to ?? role) === "replica" && shard === shardOfNode(facts, primary);
    })
    .map(({ name }) => name);
}

/** `cluster-replica-no-failover`, by the flag `nofailover` that the replicas have in CLUSTER NODES. */
function mustNot(facts: Facts, { running, window }: Account): Cause[] {
  const told = facts
    .observations("node-setting")
    .filter(({ setting, at }) => setting === "cluster-replica-no-failover" && at <= window.to);
  const ofNode = (node: string) => told.findLast((one) => one.node === node);
  const forbidden = running.filter(
    (node) => (ofNode(node)?.value ?? settingAt(facts, "cluster-replica-no-failover", window.from)) === "yes",
  );
  const [first] = forbidden;
  if (first === undefined) return [];
  const said = ofNode(first);
  const all = forbidden.length === running.length;
  return [
    {
      reason: "replicas-must-not-fail-over",
      text: `${listed(forbidden)} ${forbidden.length === 1 ? "has" : "have"} cluster-replica-no-failover yes`,
      said: {
        by: first,
        words: said ? "flag nofailover in CLUSTER NODES" : "started with cluster-replica-no-failover yes",
        at: Math.max(said?.at ?? 0, window.from),
      },
      setting: { name: "cluster-replica-no-failover", value: "yes" },
      fix: all
        ? "set cluster-replica-no-failover no on at least one replica of the shard"
        : "its other replicas did not take over either",
      evidence: { replicas: forbidden },
    },
  ];
}

/** What the replicas wrote into their logs (src/cluster_legacy.c, `clusterLogCantFailover`), the longest first. */
function inTheirWords(facts: Facts, account: Account, failedAt: number): Cause[] {
  const { running, window, logs } = account;
  const lines = logs.filter(({ node, event }) => running.includes(node) && event === "cannot-failover");
  const found = new Map<string, { cause: Cause; ns: number }>();
  for (const [index, line] of lines.entries()) {
    const next = lines.slice(index + 1).find(({ node }) => node === line.node);
    const ns = (next?.at ?? window.to) - Math.max(line.at, failedAt);
    const cause = causeOf(facts, account, line);
    const before = found.get(cause.reason);
    found.set(cause.reason, { cause, ns: ns + (before?.ns ?? 0) });
  }
  return [...found.values()].toSorted((a, b) => b.ns - a.ns).map(({ cause }) => cause);
}

function causeOf(facts: Facts, account: Account, line: LogEventData): Cause {
  const { node, at, detail = "" } = line;
  const said: Said = { by: node, words: detail, at };
  if (/^Disconnected from (primary|master)/.test(detail)) {
    const factor = settingAt(facts, "cluster-replica-validity-factor", account.window.from);
    return {
      reason: "replica-data-too-old",
      text: `${node} had had no link to ${account.primary} for longer than its cluster-replica-validity-factor allows`,
      said,
      setting: { name: "cluster-replica-validity-factor", value: factor ?? null },
      fix: "a higher cluster-replica-validity-factor lets a replica with older data take over; 0 lets any",
    };
  }
  if (/^Waiting the delay/.test(detail)) {
    return { reason: "election-waiting", text: `${node} waited before it asked for votes`, said };
  }
  if (/^Waiting for votes|^Failover attempt expired/.test(detail)) return votesMissing(account, said);
  return { reason: "not-promoted", text: `${node} could not take over: ${detail}`, said };
}

function votesMissing({ logs }: Account, said: Said): Cause {
  const denied = logs.filter(({ event, subject }) => event === "vote-denied" && subject === said.by);
  const counted = logs.findLast(
    ({ event, node, at }) => event === "votes-counted" && node === said.by && at >= said.at - 1e9,
  );
  const why = [...new Set(denied.map(({ detail }) => detail))].slice(0, 2).join("; ");
  const by = [...new Set(denied.map(({ node }) => node))];
  const refused = by.length > 0 ? `: ${listed(by)} refused it (${why})` : "";
  return {
    reason: "votes-missing",
    text: `${said.by} did not get the votes of a majority of the primaries${refused}`,
    said,
    fix: "a majority of all primaries with slots must be running, reach the replica, and hold its primary failed",
    evidence: { ...(counted && { votes: counted.detail }), ...(by.length > 0 && { refusedBy: by }) },
  };
}

/** Too few of the primaries that vote were running: for how long, and was that so to the end? */
function primariesLost(facts: Facts, { window, primary }: Account): [Cause | undefined, boolean] {
  const voters = votersAt(facts, window.from);
  const needed = majority(voters.length);
  const alive = (at: number) => votersAt(facts, at).filter((name) => answersAt(facts, name, at));
  const from = Math.min(window.from + STILL_SEEN_NS, window.to);
  const moments = facts.topology.flatMap(({ event, at }) =>
    event === "reachable" || event === "role" ? [at] : [],
  );
  const lacked = heldUntil({ from, to: window.to }, moments, (at) => alive(at).length < needed);
  if (lacked === from) return [undefined, false];
  const count = alive(from).length;
  const until = lacked >= window.to ? "" : ` until ${duration((lacked - window.from) / 1e6)} after the fault`;
  const state = facts.topology.find(
    ({ event, to, at }) => event === "state" && to === "fail" && at >= window.from && at <= window.to,
  );
  const cause: Cause = {
    reason: "primaries-majority-lost",
    text:
      `${count} of ${voters.length} primaries were running${until}, and ${needed} must agree that ${primary} ` +
      `failed, and vote`,
    said: state && { by: state.source, words: "cluster_state:fail", at: state.at },
    fix: "spread the primaries so that a majority survives",
    evidence: { primaries: voters.length, primariesAlive: count, needed },
  };
  return [cause, lacked >= window.to];
}

/** Of each shard with slots who is its primary at that time: the last to have become one. */
function votersAt(facts: Facts, at: number): string[] {
  return facts.header.topology.shards
    .filter(({ slots }) => slots.length > 0)
    .map(({ shard, primary }) => {
      const last = facts.topology.findLast(
        (event) =>
          event.event === "role" &&
          event.to === "primary" &&
          event.at <= at &&
          shardOfNode(facts, event.subject ?? "") === shard,
      );
      return last?.subject ?? primary;
    });
}

/** Who first held it to have failed as a majority does, by a log or by our looks. */
function failedAt(facts: Facts, { window, primary, logs }: Account): Said | undefined {
  const line = logs.find(({ event, subject }) => event === "failed" && subject === primary);
  const flag = facts.topology.find(
    ({ event, subject, to, at }) =>
      event === "flag" && subject === primary && to === "fail" && at >= window.from && at <= window.to,
  );
  if (line) return { by: line.node, words: `${primary} has failed`, at: line.at };
  return flag && { by: flag.source, words: `${primary} is flagged fail`, at: flag.at };
}

function notDetected(facts: Facts, { window, primary }: Account): Cause {
  const suspecting = facts.topology.filter(
    ({ event, subject, to, at }) =>
      event === "flag" && subject === primary && to === "pfail" && at >= window.from && at <= window.to,
  );
  const timeout = settingAt(facts, "cluster-node-timeout", window.from);
  const by = [...new Set(suspecting.map(({ source }) => source))];
  const [first] = suspecting;
  return {
    reason: "not-detected",
    text:
      by.length > 0
        ? `${listed(by)} suspected it, but the primaries never agreed that it failed`
        : "no node held it to be failing",
    said: first && { by: first.source, words: `${primary} is flagged pfail`, at: first.at },
    setting: { name: "cluster-node-timeout", value: inMs(timeout) },
    ...(by.length === 0 && {
      fix: "a node must hear nothing of it for cluster-node-timeout: a lower value detects shorter failures",
    }),
  };
}

function unexplained(said: Said): Cause {
  const text = "it was marked as failed, but no replica won an election in time";
  return { reason: "not-promoted", text, said };
}
