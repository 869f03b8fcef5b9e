import { duration } from "../checker.ts";
import type { Facts } from "../facts.ts";
import { faultName } from "../faults-during.ts";
import { settingAt } from "../settings.ts";
import { type Cause, inMs, listed } from "./cause.ts";
import { type NotGood, notGood, notGoodWords } from "./good-replicas.ts";
import {
  neededOf,
  othersOf,
  type SentinelEvent,
  type SentinelReports,
  sentinelsOf,
} from "./sentinel-reports.ts";
import { sentinelAnswersAt } from "./spans.ts";

const ABORT = "-failover-abort-";
/** Errors of a node that may have kept Sentinel's transaction from being done. */
const REFUSING = ["NOPERM", "NOAUTH", "WRONGPASS", "EXECABORT"];

/**
 * Why the Sentinels gave up, by their own words (`-failover-abort-…`); `undefined`: they never did. Of several attempts
 * the one that got farthest tells: who was elected had a quorum, and who told a replica to take over had found one.
 */
export function abortedCauses(
  facts: Facts,
  account: SentinelReports,
  primary: string,
): [Cause, ...Cause[]] | undefined {
  const last = (what: string) => account.last(`${ABORT}${what}`);
  const [timedOut, noGood, notElected, other] = [
    last("slave-timeout"),
    last("no-good-slave"),
    last("not-elected"),
    account.events.findLast(({ name }) => name.startsWith(ABORT)),
  ];
  const waiting = waitingToRetry(facts, account);
  const besides = waiting ? [waiting.cause] : [];
  if (timedOut) return [notTakenOver(facts, account, timedOut), ...besides];
  if (noGood) {
    const said = account.first(`${ABORT}no-good-slave`) ?? noGood;
    const main = { ...noGoodReplica(facts, account, noGood, primary), said };
    // They were good again for longer than they had not been: then what kept the Sentinels was the wait.
    const goodSince = goodAgainSince(facts, account, noGood, primary);
    const longer = goodSince !== undefined && account.window.to - goodSince > goodSince - account.window.from;
    return waiting && longer ? [waiting.cause, main] : [main, ...besides];
  }
  if (notElected) return [notElectedCause(facts, account, notElected), ...besides];
  if (!other) return undefined;
  const text = `a Sentinel gave the failover up (${other.name})`;
  return [{ reason: "not-promoted", text, said: other }, ...besides];
}

function noGoodReplica(facts: Facts, account: SentinelReports, said: SentinelEvent, primary: string): Cause {
  const replicas = othersOf(facts, primary);
  const against = againstAll(facts, account, primary, said.at);
  const words = against.length > 0 ? `: ${notGoodWords(against)}` : "";
  const [decisive] = against.toSorted((a, b) => ranked(a) - ranked(b));
  return {
    reason: "no-good-replica",
    text: `the Sentinels found no replica that may be promoted${words}`,
    said,
    ...(decisive?.setting && { setting: decisive.setting }),
    ...fixFor(decisive),
    evidence: {
      replicas: replicas.map((replica) => ({
        replica,
        why:
          against.find((one) => one.replica === replica)?.text ??
          "not known: it answered us, and its link was up",
      })),
    },
  };
}

/** What can be set is told before what happened by itself. */
function ranked({ why }: NotGood): number {
  return ["priority", "link-too-old", "down", "no-answer"].indexOf(why);
}

function fixFor(decisive: NotGood | undefined): { fix: string } | undefined {
  switch (decisive?.why) {
    case "priority":
      return { fix: "give at least one replica a replica-priority above 0: with 0 it is never promoted" };
    case "link-too-old":
      return {
        fix:
          "a replica whose link was down for more than 10 times down-after-milliseconds before the primary " +
          "failed is never promoted, since its data is old",
      };
    case "down":
    case "no-answer":
      return { fix: "a replica must be running, and the Sentinels must reach it, when the primary fails" };
    default:
      return undefined;
  }
}

function againstAll(facts: Facts, account: SentinelReports, primary: string, at: number): NotGood[] {
  const downSince = account.first("+sdown")?.at ?? account.window.from;
  return othersOf(facts, primary).flatMap((replica) => notGood(facts, replica, at, downSince) ?? []);
}

/**
 * Since when there was a replica against which nothing is known any more, until the end of the window; `undefined`:
 * there was none.
 */
function goodAgainSince(
  facts: Facts,
  account: SentinelReports,
  { at: since }: SentinelEvent,
  primary: string,
): number | undefined {
  const { to } = account.window;
  const replicas = othersOf(facts, primary);
  const good = (at: number) => againstAll(facts, account, primary, at).length < replicas.length;
  if (good(since) || !good(to)) return undefined; // nobody knows what was against them, or it still was
  const moments = [since, ...facts.topology.map(({ at }) => at).filter((at) => at > since && at < to)];
  const lastBad = moments.findLast((at) => !good(at));
  return moments.find((at) => at > (lastBad ?? 0)) ?? to;
}

/** The replica was told to take over, and did not become a primary. */
function notTakenOver(facts: Facts, account: SentinelReports, said: SentinelEvent): Cause {
  const selected = account.events.findLast(({ name, at }) => name === "+selected-slave" && at <= said.at);
  const node = selected?.about ?? "the replica";
  const missing = facts.observations("commands-missing").find((one) => one.node === node);
  const renamed = settingAt(facts, "rename-command", said.at);
  if (missing) {
    const commands = listed(missing.commands);
    return {
      reason: "promotion-refused",
      text:
        `${node} did not become a primary when a Sentinel told it to: it does not know ${commands}, and of what ` +
        `Sentinel sends in one transaction (SLAVEOF NO ONE, CONFIG REWRITE, CLIENT KILL) nothing is done then`,
      said,
      setting: { name: "rename-command", value: renamed ?? commands },
      fix:
        `do not rename ${commands} at the data nodes, or tell the Sentinels the new name: ` +
        `SENTINEL SET ${groupOf(said)} rename-command ${missing.commands[0]} NAME`,
      evidence: { chosen: node, commandsMissing: missing.commands, ...errorsOf(facts, node, said.at) },
    };
  }
  const refused = errorsOf(facts, node, said.at);
  if (refused) {
    const codes = listed(Object.keys(refused.errors));
    return {
      reason: "promotion-refused",
      text: `${node} did not become a primary when a Sentinel told it to, and has answered with ${codes}`,
      said,
      fix: "the user that the Sentinels log in as must be allowed MULTI, SLAVEOF, CONFIG REWRITE, CLIENT KILL and EXEC",
      evidence: { chosen: node, ...refused },
    };
  }
  const timeout = settingAt(facts, "failover-timeout", said.at);
  return {
    reason: "promotion-timed-out",
    text: `${node} was told to take over, and no Sentinel saw it as a primary within failover-timeout`,
    said,
    setting: { name: "failover-timeout", value: inMs(timeout) },
    evidence: { chosen: node },
  };
}

function errorsOf(facts: Facts, node: string, at: number) {
  const seen = facts.observations("refusals").filter((one) => one.node === node);
  const { errors = {} } = seen.findLast((one) => one.at <= at + 1e9) ?? seen[0] ?? {};
  const refusing = Object.entries(errors).filter(([code]) => REFUSING.includes(code));
  return refusing.length > 0 ? { errors: Object.fromEntries(refusing) } : undefined;
}

function notElectedCause(facts: Facts, account: SentinelReports, said: SentinelEvent): Cause {
  const names = sentinelsOf(facts);
  const needed = neededOf(facts);
  const alive = names.filter((name) => sentinelAnswersAt(facts, name, said.at)).length;
  const evidence = { sentinels: names.length, sentinelsAlive: alive, needed };
  if (alive < needed) {
    return {
      reason: "sentinel-quorum-lost",
      text: `${alive} of ${names.length} Sentinels were running, and ${needed} must vote for the one that fails over`,
      said,
      setting: { name: "quorum", value: String(facts.header.topology.quorum ?? needed) },
      fix: "a quorum detects, and a majority of all Sentinels must vote: spread them so that a majority survives",
      evidence,
    };
  }
  const votes = account.events.filter(({ name, at }) => name === "+vote-for-leader" && at <= said.at);
  const inForce = facts.faults.filter(
    ({ targets, injectAt, healAt = Infinity }) =>
      injectAt <= said.at && healAt > said.at - 10e9 && targets.some((one) => one.includes("sentinel")),
  );
  const also = inForce.length > 0 ? `, while ${listed(inForce.map(faultName))} was in force` : "";
  return {
    reason: "not-elected",
    text: `no Sentinel got the votes of ${needed} of ${names.length} to lead the failover${also}`,
    said,
    fix: "the Sentinels must reach each other: a majority of all that are known must vote for the same one",
    evidence: { ...evidence, votes: votes.length },
  };
}

/** A new attempt comes only after twice failover-timeout (src/sentinel.c, `sentinelStartFailoverIfNeeded`). */
function waitingToRetry(facts: Facts, account: SentinelReports): { cause: Cause } | undefined {
  const abort = account.events.findLast(({ name }) => name.startsWith(ABORT));
  if (!abort) return undefined;
  const timeoutMs = Number(settingAt(facts, "failover-timeout", abort.at) ?? Number.NaN);
  const tried = account.events.findLast(
    ({ name, at }) => (name === "+try-failover" || name === "+vote-for-leader") && at <= abort.at,
  );
  const nextAt = tried ? tried.at + 2 * timeoutMs * 1e6 : Number.NaN;
  if (!(nextAt > abort.at)) return undefined;
  const delayed = account.logs.findLast(({ event, at }) => event === "failover-delayed" && at <= nextAt);
  const after = duration((nextAt - account.window.from) / 1e6);
  const ended = nextAt > account.window.to ? ", which did not come before the next fault or the end" : "";
  return {
    cause: {
      reason: "waiting-to-retry",
      text:
        `the Sentinels tried no other failover before ${after} after the fault: twice failover-timeout after ` +
        `the last attempt${ended}`,
      said: delayed ? { by: delayed.node, words: delayed.detail ?? "", at: delayed.at } : abort,
      setting: { name: "failover-timeout", value: `${timeoutMs} ms` },
      fix: "a shorter failover-timeout lets them try again sooner",
    },
  };
}

function groupOf({ words }: SentinelEvent): string {
  return words.split(" ")[2] ?? "GROUP";
}
