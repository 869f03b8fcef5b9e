import {
  type Accepted,
  type Checker,
  duration,
  type EvidenceTable,
  type Found,
  plural,
  type Requirement,
} from "./checker.ts";
import { asks, expectation } from "./expectations.ts";
import { type Facts, toMs, toSeconds } from "./facts.ts";
import { primaryLosses } from "./losses.ts";
import { isMessage, type Listening, listenings, type Unheard } from "./pubsub-messages.ts";
import { quietSince } from "./quiet-since.ts";
import { watchedEnoughMs } from "./settings.ts";
import { unlessStalledIn } from "./unless-stalled.ts";
import { ran, somethingAcknowledged } from "./workloads.ts";

/** Names in the evidence; the history has them all. */
const LISTED = 20;
const START = `Add "- start: pubsub" before the first fault`;
/** Nobody is called silent before this: what is published may be under way. */
const LEAST_SILENT_MS = 500;

/**
 * Who heard what? Pub/Sub delivers at most once: what is published while a subscriber is away is lost to it, which is
 * measured and told. A subscriber that hears nothing any more, though messages go on being acknowledged, is the
 * failure: to its application all seems well.
 */
export const pubsub: Checker = {
  name: "pubsub",
  summary:
    "every subscriber hears again after each fault; what each missed, and for how long it heard nothing",
  judges: [{ path: "messages", add: START }],
  applies: (facts) => ran(facts, "pubsub") || asks(facts, "messages"),
  requires: messageRequirements,
  accepted: acceptedMessages,
  stalled(facts, found) {
    if (found.evidence.reason !== "silent-too-long") return { ...found, holds: true };
    const limitMs = facts.header.expect.messages?.silentMs ?? 0;
    const over = listenings(facts).filter(({ silence }) => toMs(silence.to - silence.from) > limitMs);
    return unlessStalledIn(
      facts,
      found,
      over.map(({ silence }) => silence),
    );
  },
  check(facts) {
    const all = listenings(facts);
    const sum = (of: (one: Listening) => number) => all.reduce((most, one) => most + of(one), 0);
    const longest = all.toSorted((a, b) => lengthMs(b) - lengthMs(a))[0];
    const evidence = {
      heard: sum(({ heard }) => heard.length),
      missed: sum(({ missed }) => missed.length),
      heardTwice: sum(({ twice }) => twice.length),
      longestSilenceMs: longest ? lengthMs(longest) : null,
      tables: tablesOf(all),
      notes: notesOf(facts, all),
    };
    const { missed, heardTwice } = evidence;
    const end = (verdict: "fail" | "unknown", reason: string, summary: string): Found => ({
      verdict,
      summary,
      evidence: { reason, ...evidence },
    });
    const strange = strangeMessage(facts);
    if (strange) return end("fail", strange.reason, strange.text);

    const silent = all.flatMap((one) => one.unheardSince.map((unheard) => ({ ...unheard, one })));
    const [first] = silent
      .filter((unheard) => isSilent(facts, unheard))
      .toSorted((a, b) => b.to - b.from - (a.to - a.from));
    if (first) return end("fail", "silent-subscriber", silentText(facts, first, silent));
    const limits = facts.header.expect.messages ?? {};
    if (limits.silentMs !== undefined && longest && lengthMs(longest) > limits.silentMs) {
      const { from } = longest.silence;
      const summary =
        `${longest.subscriber} heard nothing for ${duration(lengthMs(longest))}, from ` +
        `${toSeconds(from)} on; at most ${duration(limits.silentMs)} expected`;
      return end("fail", "silent-too-long", summary);
    }
    const most = all.toSorted((a, b) => b.missed.length - a.missed.length)[0];
    if (limits.missed !== undefined && missed > limits.missed) {
      const summary =
        `${plural(missed, "acknowledged message")} missed, at most ${limits.missed} expected; ` +
        `most by ${most?.subscriber}: ${most?.missed.length}`;
      return end("fail", "messages-missed", summary);
    }
    if (limits.heardTwice !== undefined && heardTwice > limits.heardTwice)
      return end(
        "fail",
        "messages-heard-twice",
        `${plural(heardTwice, "message")} heard more than once, at most ${limits.heardTwice} expected`,
      );
    const unsure = silent.find((one) => (one.to - one.from) / 1e6 >= LEAST_SILENT_MS);
    if (unsure) {
      const summary =
        `${unsure.one.subscriber} missed the last ${plural(unsure.missed, "message")} on ${unsure.channel}, ` +
        `for ${duration((unsure.to - unsure.from) / 1e6)}: too short to tell whether it will ever hear again`;
      return end("unknown", "silence-not-watched", summary);
    }
    const silence = longest
      ? `the longest silence was ${duration(lengthMs(longest))} (${longest.subscriber})`
      : "nobody listened";
    const summary =
      `${plural(all.length, "subscriber")} heard ${evidence.heard.toLocaleString("en-US")} and missed ` +
      `${plural(missed, "message")}; ${silence}`;
    return { verdict: "pass", summary, evidence };
  },
};

const lengthMs = ({ silence }: Listening): number => toMs(silence.to - silence.from);

function isSilent(facts: Facts, { from, to }: Unheard): boolean {
  return (to - from) / 1e6 >= watchedEnoughMs(facts, to);
}

function silentText(
  facts: Facts,
  first: Unheard & { one: Listening },
  silent: readonly (Unheard & { one: Listening })[],
): string {
  const others =
    new Set(silent.filter((one) => isSilent(facts, one)).map(({ one }) => one.subscriber)).size - 1;
  const last = first.one.heard.filter(({ channel }) => channel === first.channel).at(-1);
  const since = last ? `after ${toSeconds(last.at)}` : "at all";
  const more = others > 0 ? `, and so ${plural(others, "other subscriber")}` : "";
  return (
    `${first.one.subscriber} heard nothing on ${first.channel} ${since}, though ` +
    `${plural(first.missed, "message")} were acknowledged there, the last ones for ` +
    `${duration((first.to - first.from) / 1e6)} without a pause${more}`
  );
}

/** A message that nobody published there, or that the server had refused. */
function strangeMessage(facts: Facts): { readonly reason: string; readonly text: string } | undefined {
  const sent = new Map(facts.operations.filter(isMessage).map((one) => [`${one.key} ${one.value}`, one]));
  for (const { subscriber, channel, message } of facts.observations("message-heard")) {
    const operation = sent.get(`${channel} ${message}`);
    if (!operation)
      return {
        reason: "message-never-published",
        text: `${subscriber} heard "${message}" on ${channel}, which nobody had published`,
      };
    if (operation.outcome === "fail")
      return {
        reason: "refused-message-heard",
        text: `${subscriber} heard ${message}, which had been refused (${operation.error?.class})`,
      };
  }
  return undefined;
}

function tablesOf(all: readonly Listening[]): EvidenceTable[] {
  return [
    {
      title: "Subscribers; times since the run began",
      columns: ["subscriber", "heard", "missed", "heard twice", "longest silence", "from", "missed in it"],
      rows: all
        .slice(0, LISTED)
        .map((one) => [
          one.subscriber,
          one.heard.length,
          one.missed.length,
          one.twice.length,
          duration(lengthMs(one)),
          toSeconds(one.silence.from),
          one.silence.missed,
        ]),
    },
  ];
}

function notesOf(facts: Facts, all: readonly Listening[]): string[] {
  const served = facts.observations("subscriptions-served").at(-1);
  if (!served || !all.some(({ unheardSince }) => unheardSince.length > 0)) return [];
  const nodes = served.nodes.map(({ node, subscriptions }) =>
    subscriptions === null
      ? `${node} did not answer`
      : `${node} had ${plural(subscriptions, "subscription")}`,
  );
  const unserved = facts.operations.filter(
    (one) => isMessage(one) && one.outcome === "ok" && one.result === "0",
  ).length;
  const nobody =
    unserved > 0
      ? [`${plural(unserved, "message")} were acknowledged with 0 receivers: nobody listened at that node`]
      : [];
  return [`before the subscribers left, ${nodes.join(", ")}`, ...nobody];
}

function messageRequirements(facts: Facts): Requirement[] {
  const sent = facts.operations.filter(isMessage);
  const lossAt = primaryLosses(facts).at(-1)?.injectAt;
  const [unpublished] = lossAt === undefined ? [] : quietSince(sent, lossAt);
  return [
    somethingAcknowledged({ noun: "message", workload: "pubsub", operations: sent }),
    {
      reason: "nothing-heard",
      needs: "a message that a subscriber heard",
      met: facts.observations("message-heard").length > 0,
      seen: "no subscriber ever heard anything",
      add: `Let it run while the service is well: "- wait: 2s" after "- start: pubsub"`,
    },
    {
      reason: "nothing-published-after-loss",
      needs: "a message on each channel that was acknowledged after the last primary was lost",
      met: unpublished === undefined,
      seen: `no message was acknowledged any more on ${unpublished} after the last primary was lost`,
      add: `Add "- wait: 3s" after the failover, before "- stop: pubsub" or the end of the steps`,
    },
  ];
}

/** Of the evidence. */
interface Counted {
  readonly missed?: number;
  readonly heardTwice?: number;
}

function acceptedMessages(facts: Facts, { missed = 0, heardTwice = 0 }: Counted): Accepted[] {
  const allowedBy = expectation(facts, "messages");
  return [
    {
      what: "messages-missed",
      count: missed,
      told: `${plural(missed, "message")} that subscribers missed`,
      allowedBy,
    },
    {
      what: "messages-heard-twice",
      count: heardTwice,
      told: `${plural(heardTwice, "message")} heard twice`,
      allowedBy,
    },
  ];
}
