import type { Cause } from "../../check/not-promoted/cause.ts";
import { clusterCauses } from "../../check/not-promoted/cluster.ts";
import { sentinelCauses } from "../../check/not-promoted/sentinel.ts";
import type { ReasonTold } from "../../model/explanation.ts";
import type { IncidentEvent } from "../model.ts";
import { repeatedReasons } from "./repeated-reasons.ts";
import { called, type Known, names } from "./told.ts";
import { lasted } from "./words.ts";

/** Why nobody was promoted, why it took long, why it was not needed, and why it happened again. */
export function reasonsOf(known: Known): ReasonTold[] {
  const found = [
    ...(known.incident.promoted === undefined ? notPromoted(known) : delayed(known)),
    ...notNeeded(known),
    ...heldUp(known),
    ...disturbed(known),
    ...repeatedReasons(known),
  ];
  return found.filter(({ reason }, index) => found.findIndex((one) => one.reason === reason) === index);
}

/** By the code that tells it of a drill. */
function notPromoted({ incident, recording, quote, settings }: Known): ReasonTold[] {
  const fault = recording.faults.get(incident);
  const primary = recording.nameOf(incident.primary);
  if (!fault || primary === undefined) return [];
  const noSentinel = !incident.system.nodes.some(({ kind }) => kind === "sentinel");
  if (incident.system.kind === "ha" && noSentinel) {
    const text = "no log of a Sentinel was given, and only a Sentinel promotes a replica";
    return [{ reason: "no-sentinel-log", text, setting: null, value: null, lines: [] }];
  }
  const causes = (incident.system.kind === "ha" ? sentinelCauses : clusterCauses)(
    recording.facts,
    fault,
    primary,
  );
  const unseen = incident.system.nodes.filter(({ kind, files }) => kind === "server" && files.length === 0);
  const [first] = causes;
  if (NO_REPLICA.includes(first.reason) && unseen.some(({ id }) => id !== incident.primary)) {
    const whose = unseen.map(({ id }) => recording.nameOf(id) ?? id).join(", ");
    const text = `why nobody was promoted is not known: no log was given of ${whose}, which may have been its replica`;
    return [{ reason: "replica-log-missing", text, setting: null, value: null, lines: [] }];
  }
  return causes.map((cause) => ({
    reason: cause.reason,
    text: `nobody was promoted: ${cause.text}${inferredNote(cause, settings.isInferred(cause.setting?.name ?? ""))}`,
    setting: cause.setting?.name ?? null,
    value: cause.setting?.value ?? null,
    lines: quote.of([recording.eventAt(cause.said?.at ?? -1)]),
  }));
}

/** Told of a primary whose replica no line names: its log may just not be there. */
const NO_REPLICA: readonly string[] = ["shard-without-replica", "no-replica"];

function inferredNote({ setting }: Cause, inferred: boolean): string {
  return setting && inferred ? ` (${setting.name} was inferred from the times of lines)` : "";
}

const FAILED_ATTEMPTS: Readonly<Record<string, string>> = {
  "-failover-abort-not-elected": "no Sentinel got the votes of a majority",
  "-failover-abort-no-good-slave": "no replica was good enough to be promoted",
  "-failover-abort-slave-timeout": "the replica that was chosen did not become a primary in time",
  "-failover-abort-master-is-back": "the primary was back",
};

/** Somebody was promoted, but not at once. */
function delayed(known: Known): ReasonTold[] {
  const { incident, quote, settings } = known;
  const { promotedAt = 0 } = incident;
  const before = known.events.filter(({ at }) => at <= promotedAt);
  const found: ReasonTold[] = [];
  const aborts = before.filter(({ kind }) => kind in FAILED_ATTEMPTS);
  if (aborts.length > 0) {
    const [first] = aborts as [IncidentEvent];
    const why = [...new Set(aborts.map(({ kind }) => FAILED_ATTEMPTS[kind]))].join("; ");
    const text =
      `${aborts.length === 1 ? "an attempt" : `${aborts.length} attempts`} failed before the one that ` +
      `succeeded: ${why}; the next attempt comes only after twice failover-timeout`;
    const value = settings.value("failover-timeout");
    found.push({
      reason: "attempts-failed",
      text,
      setting: "failover-timeout",
      value: value === undefined ? null : `${value} ms`,
      lines: quote.of([
        ...aborts.slice(0, 4),
        ...before.filter(({ kind, at }) => kind === "failover-delayed" && at >= first.at).slice(0, 2),
      ]),
    });
  }
  const denied = before.filter(({ kind }) => kind === "vote-denied");
  if (denied.length > 0) {
    const why = [...new Set(denied.map(({ data }) => data.detail ?? "it does not say why"))]
      .slice(0, 2)
      .join("; ");
    const text = `${names(
      known,
      denied.map(({ node }) => node),
    )} refused a vote: ${why}`;
    found.push({ reason: "votes-denied", text, setting: null, value: null, lines: quote.of(denied) });
  }
  const elections = before.filter(({ kind }) => kind === "election-started");
  if (elections.length > 1) {
    const text = `${elections.length} elections were needed: the earlier ones did not get a majority of votes in time`;
    found.push({
      reason: "elections-repeated",
      text,
      setting: "cluster-node-timeout",
      value: null,
      lines: quote.of(elections),
    });
  }
  return found;
}

/** It answered again by itself soon, and nobody had started it anew. */
function notNeeded(known: Known): ReasonTold[] {
  const { incident, begin, settings, quote } = known;
  const { code, backAt, at } = begin;
  if (!["stood-still", "not-reached"].includes(code) || backAt === undefined) return [];
  const away = backAt - at;
  if (away > SHORT_MS) return [];
  const setting = incident.system.kind === "ha" ? "down-after-milliseconds" : "cluster-node-timeout";
  const value = settings.value(setting);
  const text =
    `${called(known, incident.primary)} was there again ${lasted(away)} after it had gone silent, and ` +
    `was not started anew: a time of detection longer than that would have ridden it out`;
  return [
    {
      reason: incident.promoted === undefined ? "answered-again" : "back-by-itself",
      text,
      setting,
      value: value === undefined ? null : `${value} ms`,
      lines: quote.of(known.events.filter((event) => event.at === backAt)),
    },
  ];
}

/** What is away for longer is not just busy. */
const SHORT_MS = 30_000;

const TROUBLE: Readonly<Record<string, { reason: string; text: string; setting?: string }>> = {
  "aof-slow": {
    reason: "disk-slow",
    text: "had to wait for its disk to sync the append-only file",
    setting: "appendfsync",
  },
  "aof-failed": {
    reason: "disk-failed",
    text: "could not write its append-only file",
    setting: "appendfsync",
  },
  "disk-full": { reason: "disk-full", text: "had no space left on its disk" },
  "save-failed": { reason: "save-failed", text: "could not save", setting: "stop-writes-on-bgsave-error" },
  "slow-script": {
    reason: "slow-script",
    text: "ran a script or function that held everything up",
    setting: "busy-reply-threshold",
  },
  stuck: { reason: "stuck", text: "was found stuck by its own watchdog" },
  loading: { reason: "loading", text: "was reading its data from disk" },
  "clock-jumped": { reason: "clock-jumped", text: "found that its clock or its timers had jumped" },
  "clients-refused": {
    reason: "clients-refused",
    text: "could take no more connections",
    setting: "maxclients",
  },
  "client-dropped": {
    reason: "output-buffer-full",
    text: "closed a connection that did not read fast enough",
    setting: "client-output-buffer-limit",
  },
  "out-of-memory": { reason: "out-of-memory", text: "was refused memory", setting: "maxmemory" },
};

/** Trouble counts if it came so shortly before the loss, or in the time of it. */
const NEAR_MS = 60_000;

/** What the primary wrote of its own disk, memory and processor around the loss. */
function heldUp(known: Known): ReasonTold[] {
  const { begin, incident, quote, settings } = known;
  const until = incident.promotedAt ?? incident.lastAt;
  const near = begin.trouble.filter(({ at }) => at >= begin.at - NEAR_MS && at <= until);
  const gone = ["shut-down", "process-ended", "crashed", "out-of-memory"].includes(begin.code);
  return [...new Set(near.map(({ kind }) => kind))].flatMap((kind) => {
    const what = TROUBLE[kind];
    const lines = near.filter((event) => event.kind === kind);
    // What it reads when it is started anew did not end it.
    const own = gone ? lines.filter(({ at }) => at <= begin.at) : lines;
    const [first] = own;
    if (!what || !first) return [];
    const when =
      first.at < begin.at ? `${lasted(begin.at - first.at)} before it was lost` : "while it was lost";
    const setting = what.setting ?? null;
    return [
      {
        reason: what.reason,
        text: `${called(known, incident.primary)} ${what.text}, ${when}`,
        setting,
        value: setting === null ? null : (settings.value(setting) ?? null),
        lines: quote.of(own),
      },
    ];
  });
}

/** What kept Sentinels from acting. */
function disturbed(known: Known): ReasonTold[] {
  const { quote, incident } = known;
  const until = incident.promotedAt ?? incident.lastAt;
  const events = incident.system.events.filter(({ at }) => at >= known.begin.at - TILT_MS && at <= until);
  const tilt = events.filter(({ kind }) => kind === "+tilt");
  const unresolved = events.filter(({ kind, at }) => kind === "name-not-resolved" && at >= known.begin.at);
  return [
    ...(tilt.length > 0
      ? [
          {
            reason: "sentinel-tilt",
            text: `${names(
              known,
              tilt.map(({ node }) => node),
            )} went into TILT, in which a Sentinel acts on nothing for 30 s: its process or its clock stood still`,
            setting: null,
            value: null,
            lines: quote.of(tilt),
          },
        ]
      : []),
    ...(unresolved.length > 0
      ? [
          {
            reason: "name-not-resolved",
            text: `${names(
              known,
              unresolved.map(({ node }) => node),
            )} could not resolve a host name: a name that is gone with its node is unknown when it is needed`,
            setting: "sentinel resolve-hostnames",
            value: null,
            lines: quote.of(unresolved),
          },
        ]
      : []),
  ];
}

/** TILT lasts so long. */
const TILT_MS = 30_000;
