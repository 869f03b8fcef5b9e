import { listed } from "../../check/not-promoted/cause.ts";
import type { LossTold, ReasonTold, Sentence } from "../../model/explanation.ts";
import type { IncidentEvent } from "../model.ts";
import { beginText } from "./begin-text.ts";
import { MAY_BE_ALIVE } from "./losses.ts";
import { called, candidates, firstOf, type Known, names } from "./told.ts";
import { dayAndClock, lasted } from "./words.ts";

/** A story has no more sentences. */
const SENTENCES_MAX = 10;

/**
 * What a good engineer would write of it: who was first, who agreed, who took over and why that one, and when it was
 * over.
 */
export function storyOf(
  known: Known,
  reasons: readonly ReasonTold[],
  losses: readonly LossTold[],
): Sentence[] {
  const servers = known.incident.system.kind === "ha" ? sentinelSentences(known) : clusterSentences(known);
  const [why] = reasons;
  const [worst] = losses.toSorted((a, b) => weight(b) - weight(a));
  const sentences: (Sentence | undefined)[] = [
    first(known),
    ...servers,
    why && { text: `${capital(why.text)}.`, lines: why.lines },
    service(known),
    back(known),
    worst && {
      text: `${worst.certainty === "certain" ? "Certain" : "Possible"}: ${worst.text}.`,
      lines: worst.lines,
    },
  ];
  return sentences.filter((one) => one !== undefined).slice(0, SENTENCES_MAX);
}

function weight({ certainty, bytes }: LossTold): number {
  return (certainty === "certain" ? 2 : 1) + (bytes === 0 ? -1 : 0);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function first(known: Known): Sentence {
  const { begin, quote } = known;
  const about = begin.errorMs === null ? "By" : begin.errorMs > 100 ? "At about" : "At";
  const margin = begin.errorMs && begin.errorMs > 1 ? ` (±${lasted(begin.errorMs)})` : "";
  return {
    text: `${about} ${dayAndClock(begin.at)}${margin} ${beginText(known)}.`,
    lines: quote.of(begin.events),
  };
}

function after({ begin }: Known, event: IncidentEvent): string {
  const ms = event.at - begin.at;
  return ms < 0 ? `${lasted(-ms)} before` : `${lasted(ms)} later`;
}

function sentinelSentences(known: Known): (Sentence | undefined)[] {
  const { quote, incident } = known;
  const about = ({ data }: IncidentEvent) => data.subjectKind === "primary";
  const suspecting = known.events.filter((one) => one.kind === "+sdown" && about(one));
  const agreed = firstOf(known, ["+odown"], about);
  const elected = lastBefore(known, "+elected-leader");
  const votes = known.events.filter(
    ({ kind, data, at }) =>
      (kind === "+vote-for-leader" || kind === "vote-told") &&
      at <= (elected?.at ?? 0) + 1000 &&
      data.epoch === epochOf(known, elected),
  );
  const [suspects] = suspecting;
  const others = suspecting.filter(({ node }) => node !== suspects?.node);
  const voters = [
    ...new Set(
      votes.filter(({ data }) => data.to === undefined || data.to === elected?.node).map(({ node }) => node),
    ),
  ];
  return [
    suspects && {
      text: `${called(known, suspects.node)} was the first to hold it down, ${after(known, suspects)}${
        others.length > 0
          ? `; ${names(
              known,
              others.map(({ node }) => node),
            )} followed within ${lasted((others.at(-1) as IncidentEvent).at - suspects.at)}`
          : "; no other Sentinel's log says so"
      }.`,
      lines: quote.of(suspecting),
    },
    agreed && {
      text:
        `${agreed.data.votes ?? "Enough"} ` +
        `Sentinels agreed ${after(known, agreed)}${agreed.data.quorum === undefined ? "" : ` (the quorum is ${agreed.data.quorum})`}.`,
      lines: quote.of([agreed]),
    },
    elected && {
      text:
        `${called(known, elected.node)} was elected to lead the ` +
        `failover ${after(known, elected)}${voters.length > 0 ? `, with the votes of ${names(known, voters)}` : ""}.`,
      lines: quote.of([elected, ...votes]),
    },
    incident.promoted === undefined ? undefined : chosen(known),
  ];
}

function epochOf(known: Known, elected: IncidentEvent | undefined): number | undefined {
  if (!elected) return undefined;
  return (
    elected.data.epoch ??
    known.events.findLast(
      ({ kind, data, at }) => kind === "+vote-for-leader" && data.epoch !== undefined && at <= elected.at,
    )?.data.epoch
  );
}

function lastBefore(known: Known, kind: IncidentEvent["kind"]): IncidentEvent | undefined {
  const { promotedAt = Infinity } = known.incident;
  return known.events.findLast((event) => event.kind === kind && event.at <= promotedAt + 1000);
}

/** Who took over, when, and why that one. */
function chosen(known: Known): Sentence {
  const { incident, quote, begin } = known;
  const { promoted, promotedAt = 0, system } = incident;
  const event = incident.roles.changes.find(({ node, at }) => node === promoted && at === promotedAt)?.event;
  const selected = lastBefore(known, "+selected-slave");
  const rank = known.events.findLast(
    ({ kind, node, at }) => kind === "election-delayed" && node === promoted && at <= promotedAt,
  );
  const all = candidates(known);
  const against = known.events.filter(
    ({ kind, data, subject, at }) =>
      kind === "+sdown" && data.subjectKind === "replica" && subject !== promoted && at <= promotedAt,
  );
  const why = (): string => {
    if (begin.code === "asked") return "as it was asked to";
    if (all.length === 1) return "the only replica that the logs tell of";
    if (system.kind === "cluster")
      return rank?.data.rank === undefined
        ? "it was the first to win an election"
        : rank.data.rank === 0
          ? "no other replica of the shard had more of the data (rank #0)"
          : `${rank.data.rank} other replicas had more of the data (rank #${rank.data.rank}), and did not win`;
    if (against.length > 0)
      return `${names(
        known,
        against.map(({ subject }) => subject),
      )} ${against.length === 1 ? "was" : "were"} held to be down`;
    return (
      "a Sentinel takes the lowest replica-priority, then who has most of the data; which of the two it was, " +
      "no log tells"
    );
  };
  return {
    text: `${called(known, promoted)} was promoted ${lasted(promotedAt - begin.at)} after the begin: ${why()}.`,
    lines: quote.of([event, selected, rank, ...against]),
  };
}

function clusterSentences(known: Known): (Sentence | undefined)[] {
  const { quote, incident } = known;
  const { primary, promoted } = incident;
  const suspecting = known.events.filter(({ kind, subject }) => kind === "suspects" && subject === primary);
  const failed = known.events.filter(({ kind, subject }) => kind === "failed" && subject === primary);
  const [suspects] = suspecting;
  const [agreed] = failed;
  const started = lastBefore(known, "election-started");
  const votes = known.events.filter(
    ({ kind, subject, at }) =>
      kind === "vote-granted" && subject === promoted && at >= (started?.at ?? 0) - 1000,
  );
  return [
    suspects && {
      text:
        `${called(known, suspects.node)} was the first to ` +
        `suspect it, ${after(known, suspects)}${
          suspecting.length > 1 ? `; ${suspecting.length - 1} more did by ` + `themselves` : ""
        }.`,
      lines: quote.of(suspecting),
    },
    agreed && {
      text:
        `${called(known, agreed.data.teller ?? agreed.node)} knew first that a majority of the primaries held ` +
        `it to have failed, ${after(known, agreed)}, and told the others.`,
      lines: quote.of(failed),
    },
    promoted !== undefined && started
      ? {
          text: `${called(known, started.node)} asked for votes ${after(known, started)}${
            votes.length > 0
              ? `, and ${names(
                  known,
                  votes.map(({ node }) => node),
                )} voted for it`
              : ""
          }.`,
          lines: quote.of([started, ...votes]),
        }
      : undefined,
    promoted === undefined ? undefined : chosen(known),
  ];
}

/** What clients could see of it. */
function service(known: Known): Sentence | undefined {
  const { incident, begin, events, quote } = known;
  if (incident.system.kind === "cluster") {
    const down = events.filter(({ kind, data }) => kind === "cluster-state" && data.detail === "fail");
    const [begun] = down;
    const over = events.find(
      ({ kind, data, at, node }) =>
        kind === "cluster-state" && data.detail === "ok" && node === begun?.node && at > begun.at,
    );
    const until = incident.promotedAt ?? begin.backAt;
    const shard =
      until === undefined
        ? "The keys of its shard had no primary to the end of the logs"
        : `The keys of its shard had no primary for ${lasted(until - begin.at)}`;
    const whole = begun
      ? `; the whole cluster refused commands from ${lasted(begun.at - begin.at)} on${over ? ` for ${lasted(over.at - begun.at)}` : " to the end of the logs"}`
      : "";
    return { text: `${shard}${whole}.`, lines: quote.of([begun, over]) };
  }
  const announced = firstOf(known, ["+switch-master"]);
  if (incident.promotedAt === undefined) {
    const until =
      begin.backAt === undefined
        ? "to the end of the logs"
        : `for ${lasted(begin.backAt - begin.at)}, until it was back`;
    return { text: `There was no other primary that could take writes ${until}.`, lines: [] };
  }
  const from = lasted(incident.promotedAt - begin.at);
  const none = MAY_BE_ALIVE.includes(begin.code)
    ? `For ${from} no other node could take writes, and whether the old primary still did, no log tells`
    : `For ${from} nobody could take writes`;
  return announced
    ? {
        text:
          `${none}; clients that ask a Sentinel were told of the new ` +
          `primary from ${lasted(announced.at - begin.at)} on.`,
        lines: quote.of([announced]),
      }
    : { text: `${none}.`, lines: [] };
}

/** When the old primary was there again, as a replica. */
function back(known: Known): Sentence | undefined {
  const { incident, quote, begin } = known;
  const { promotedAt, primary } = incident;
  if (promotedAt === undefined) return undefined;
  const own = known.events.filter(({ node, at }) => node === primary && at >= begin.at);
  const restarted = own.find(({ kind }) => kind === "restarted");
  const follows = own.find(({ kind, at }) => kind === "became-replica" && at >= promotedAt);
  const whole = own.find(
    ({ kind, at }) => (kind === "full-sync-done" || kind === "partial-sync-done") && at >= promotedAt,
  );
  if (!restarted && !follows && !whole) return undefined;
  const parts = [
    restarted && `was started again ${after(known, restarted)}`,
    follows && `became a replica ${after(known, follows)}`,
    whole &&
      `${whole.kind === "full-sync-done" ? "had copied all data" : "had caught up"} ${after(known, whole)}`,
  ].filter((part) => part !== undefined);
  return {
    text: `${called(known, primary)} ${listed(parts)}.`,
    lines: quote.of([restarted, follows, whole]),
  };
}
