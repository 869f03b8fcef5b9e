import { plural } from "../../check/checker.ts";
import type { LossTold } from "../../model/explanation.ts";
import type { IncidentEvent } from "../model.ts";
import { called, firstOf, type Known } from "./told.ts";
import { lasted } from "./words.ts";

/** What may be lost: *certain* is what the lines prove, *possible* what they cannot rule out. */
export function lossesOf(known: Known): LossTold[] {
  const discarded = discardedReplication(known);
  return [...discarded, ...twoPrimaries(known), ...notReplicated(known, discarded), ...emptied(known)];
}

/**
 * The promoted node counts the old history up to an offset. Who asks it for more of that history has what it never got:
 * so many bytes of the replication stream are thrown away.
 */
function discardedReplication(known: Known): LossTold[] {
  const { incident, quote } = known;
  const history = firstOf(known, ["replication-id"], ({ node }) => node === incident.promoted);
  if (!history || history.data.offset === undefined) return [];
  const { offset, replId } = history.data;
  return known.events.flatMap((event): LossTold[] => {
    const asked = event.data.offset;
    if (event.kind !== "partial-sync-asked" || event.at < history.at || asked === undefined) return [];
    if (replId === undefined || event.data.replId !== replId) return [];
    const bytes = asked - offset;
    const who = called(known, event.node);
    const old = event.node === incident.primary ? "the old primary" : "a replica";
    const lines = quote.of([history, event, refusalOf(known, event)]);
    if (bytes <= 0) {
      if (event.node !== incident.primary) return [];
      const text =
        `${who}, the old primary, had written nothing that ${called(known, incident.promoted)} did not ` +
        `have: nothing was discarded`;
      return [{ certainty: "certain", what: "discarded-replication", bytes: 0, forMs: null, text, lines }];
    }
    const text =
      `${who}, ${old}, had ${plural(bytes, "byte")} of the replication ` +
      `stream that ${called(known, incident.promoted)} never got: the writes in them are lost`;
    return [{ certainty: "certain", what: "discarded-replication", bytes, forMs: null, text, lines }];
  });
}

function refusalOf(known: Known, asked: IncidentEvent): IncidentEvent | undefined {
  return firstOf(
    known,
    ["partial-sync-refused", "partial-sync-given"],
    ({ subject, at }) => subject === asked.node && Math.abs(at - asked.at) < 1000,
  );
}

/** Codes of a loss after which the old primary may have gone on. */
export const MAY_BE_ALIVE: readonly string[] = ["cut-off", "stood-still", "not-reached", "silent", "unknown"];

/** From the promotion until the old primary follows, both call themselves primary. */
function twoPrimaries(known: Known): LossTold[] {
  const { incident, begin, quote, settings } = known;
  const { promotedAt, primary } = incident;
  if (promotedAt === undefined || primary === undefined || primary === incident.promoted) return [];
  const promotion = firstOf(
    known,
    ["promoted"],
    ({ at, node }) => at === promotedAt && node === incident.promoted,
  );
  const later = known.events.filter(({ node, at }) => node === primary && at >= promotedAt);
  const started = later.find(({ kind }) => kind === "ready" || kind === "restarted");
  const follows = later.find(({ kind }) => kind === "became-replica" || kind === "connecting-to-primary");
  const alive = MAY_BE_ALIVE.includes(begin.code);
  const from = alive ? promotedAt : started?.at;
  if (from === undefined || begin.code === "asked") return [];
  const given = incident.system.nodes.find(({ id }) => id === primary)?.files.length;
  const until = follows?.at;
  if (until !== undefined && until - from < TOO_SHORT_MS) return [];
  const needs = Number(settings.value("min-replicas-to-write") ?? 0);
  const bound =
    needs > 0
      ? `, though it takes none without ${needs} ${needs === 1 ? "replica" : "replicas"} (min-replicas-to-write), a ` +
        `few seconds after it lost them`
      : "";
  const clusterBound =
    incident.system.kind === "cluster"
      ? "; a primary that reaches only a minority refuses after cluster-node-timeout"
      : "";
  const how = until === undefined ? "from then on" : `for ${lasted(until - from)}`;
  const sure = begin.code !== "unknown" && begin.code !== "silent" && given !== 0;
  const text =
    `${called(known, primary)} ${sure ? "called" : "may have called"} itself ` +
    `primary beside ${called(known, incident.promoted)} ${how}: what clients wrote to it in that ` +
    `time is lost${bound}${clusterBound}${given ? "" : "; its own log was not given"}`;
  return [
    {
      certainty: "possible",
      what: "two-primaries",
      bytes: null,
      forMs: until === undefined ? null : until - from,
      text,
      lines: quote.of([promotion, alive ? undefined : started, follows]),
    },
  ];
}

/** A node that is told at once that it is a replica took nothing. */
const TOO_SHORT_MS = 100;

/** Replication is asynchronous: what was acknowledged in the last moment may have reached nobody. */
function notReplicated(known: Known, discarded: readonly LossTold[]): LossTold[] {
  const { incident, begin, quote } = known;
  if (incident.promoted === undefined || begin.code === "asked") return [];
  if (
    discarded.some(
      ({ lines, bytes }) =>
        bytes !== null && lines.some(({ node }) => node === known.recording.nameOf(incident.primary)),
    )
  )
    return [];
  const history = firstOf(known, ["replication-id"], ({ node }) => node === incident.promoted);
  const upTo = history?.data.offset;
  const where =
    upTo === undefined ? "" : `; it had the replication stream up to offset ${upTo.toLocaleString("en")}`;
  const orderly =
    begin.code === "shut-down" ? ", though a primary that is shut down waits for its replicas first" : "";
  const text =
    `what ${called(known, incident.primary, "the old primary")} acknowledged in its last moments and had ` +
    `not sent to ${called(known, incident.promoted)} is lost; how much that was, no log tells${orderly}${where}`;
  return [
    {
      certainty: "possible",
      what: "not-replicated",
      bytes: null,
      forMs: null,
      text,
      lines: quote.of([history]),
    },
  ];
}

/** Started anew without having read anything, and then copied by its replicas: the famous empty primary. */
function emptied(known: Known): LossTold[] {
  const { incident, quote } = known;
  if (incident.promoted !== undefined) return [];
  const restarted = firstOf(known, ["restarted"], ({ node }) => node === incident.primary);
  if (!restarted) return [];
  const read = firstOf(
    known,
    ["loaded", "loading", "full-sync-done", "partial-sync-done"],
    ({ node, at }) => node === incident.primary && at >= restarted.at,
  );
  const copied = known.events.filter(
    ({ kind, node, at }) => kind === "full-sync-done" && node !== incident.primary && at > restarted.at,
  );
  if (read || copied.length === 0) return [];
  const text =
    `${called(known, incident.primary)} was started anew and read no data from its disk, and its ` +
    `replicas copied it: all data is lost, unless it was empty before`;
  return [
    {
      certainty: "possible",
      what: "data-discarded",
      bytes: null,
      forMs: null,
      text,
      lines: quote.of([restarted, ...copied]),
    },
  ];
}
