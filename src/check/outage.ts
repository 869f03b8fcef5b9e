import { type Checker, duration, type EvidenceTable } from "./checker.ts";
import { asks } from "./expectations.ts";
import { type Facts, type FaultWindow, toMs } from "./facts.ts";
import { hurtingFaults } from "./losses.ts";
import { type Kind, probeOperations } from "./observed-by.ts";
import { NOT_RECOVERED, outageRequirements, type Question, questionsOf } from "./outage-coverage.ts";
import { certainNs, lengthOf, outageMs, type Stretch } from "./outage-of.ts";
import { type FaultOutage, outagesOf, shardsHit } from "./probes.ts";
import { detectionSetting, settingAt } from "./settings.ts";

const ADD = `Add "- start: unique-writes" before the first fault`;

/** How long writes and reads failed after each fault that hurt, against the scenario's limits. */
export const outage: Checker = {
  name: "outage",
  summary: "writes and reads came back for good, within the scenario's limits",
  judges: [{ path: "outage", add: ADD }],
  applies: (facts) =>
    asks(facts, "outage") || (hurtingFaults(facts).length > 0 && probeOperations(facts).length > 0),
  requires: (facts) => outageRequirements(facts, judgedFaults(facts), nameOf(facts)),
  check(facts) {
    const outages = outagesOf(facts, judgedFaults(facts));
    const questions = questionsOf(facts, judgedFaults(facts));
    const evidence = { tables: tablesOf(facts, outages), notes: notesOf(facts, outages) };
    const name = nameOf(facts);
    for (const question of questions) {
      const { limitMs, entry, kind } = question;
      const over = entry[kind].find((one) => limitMs !== undefined && certainNs(one) / 1e6 > limitMs);
      if (!over) continue;
      const ms = Math.round(lengthOf(over) / 1e5) / 10;
      const ended = over.endAt !== undefined && !over.startUnseen;
      const long = ended ? duration(ms) : `${duration(certainNs(over) / 1e6)} at the least`;
      return {
        verdict: "fail",
        summary: `${name(question)} failed for ${long}; the limit is ${duration(limitMs as number)}`,
        evidence: { reason: "outage-over-limit", outageMs: ended ? ms : null, limitMs, ...evidence },
      };
    }
    const gone = questions.find((question) => hadTimeToRecover(facts, question));
    if (gone) {
      return {
        verdict: "fail",
        summary: `${name(gone)} did not come back`,
        evidence: { reason: NOT_RECOVERED, ...evidence },
      };
    }
    const worst = (kind: Kind) => {
      const seen = questions.filter((one) => one.kind === kind && one.entry.measured[kind]);
      const hit = seen.filter(({ entry }) => entry.group === "hit");
      if (hit.length === 0) return `${kind} were not measured`;
      const ms = outageMs(hit.flatMap(({ entry }) => entry[kind]));
      return ms === null
        ? `the end of an outage of ${kind} was not seen`
        : `${kind} failed for ${duration(ms)}`;
    };
    return {
      verdict: "pass",
      summary: `${worst("writes")}, ${worst("reads").replace("reads failed", "reads")}${withinLimits(facts.header.expect.outage ?? {})}`,
      evidence,
    };
  },
};

/** The faults that hurt; where none did and the scenario has limits, all: that none hurt is what was asked. */
function judgedFaults(facts: Facts): readonly FaultWindow[] {
  const hurting = hurtingFaults(facts);
  return hurting.length > 0 || !asks(facts, "outage") ? hurting : facts.faults;
}

/** A failover may take so much longer than the time of detection: votes, looks once a second, clients that connect again. */
const FAILOVER_MS = 2000;

/** Without a limit: did it last to the end of its window, and for longer than a failover takes? */
function hadTimeToRecover(facts: Facts, { entry, kind, limitMs }: Question): boolean {
  const open = entry[kind].findLast(({ endAt }) => endAt === undefined);
  if (limitMs !== undefined || !open || open.seeminglyEndAt !== undefined) return false;
  const detectionMs = Number(settingAt(facts, detectionSetting(facts), entry.fault.injectAt) ?? 0);
  return lengthOf(open) / 1e6 > detectionMs + FAILOVER_MS;
}

/** `writes of shard 1` */
function nameOf(facts: Facts): (question: Pick<Question, "entry" | "kind">) => string {
  return ({ entry, kind }) => `${kind}${of(facts, entry)}`;
}

function withinLimits(limits: { writeMs?: number; readMs?: number }): string {
  const told = [
    limits.writeMs !== undefined && `writes ${duration(limits.writeMs)}`,
    limits.readMs !== undefined && `reads ${duration(limits.readMs)}`,
  ].filter((text) => text !== false);
  return told.length > 0 ? ` (limits: ${told.join(", ")})` : "";
}

function of(facts: Facts, entry: FaultOutage): string {
  if (facts.header.topology.kind === "ha") return "";
  return entry.group === "hit"
    ? ` of shard ${shardsHit(facts, entry.fault).join(", ")}`
    : " of the other shards";
}

/** By fault; and where there was more than one outage of a kind, or one whose end was not seen, each of them. */
function tablesOf(facts: Facts, outages: readonly FaultOutage[]): EvidenceTable[] {
  const all = outages.flatMap((entry) =>
    (["writes", "reads"] as const).flatMap((kind) =>
      entry[kind].map((stretch) => ({ entry, kind, stretch })),
    ),
  );
  const name = nameOf(facts);
  const each = {
    title: "Every outage, in order; times since the run began",
    columns: ["of", "fault", "from", "until", "failed for"],
    rows: all
      .toSorted((a, b) => a.stretch.startAt - b.stretch.startAt)
      .slice(0, LISTED)
      .map(({ entry, kind, stretch }) => [
        name({ entry, kind }),
        `${entry.fault.fault} ${hitBy(entry.fault).join(", ")}`,
        ...spanOf(stretch),
      ]),
  };
  const tellsMore = outages.some((entry) =>
    [entry.writes, entry.reads].some(
      (list) => list.length > 1 || list.some(({ endAt }) => endAt === undefined),
    ),
  );
  return [outageTable(facts, outages), ...(tellsMore ? [each] : [])];
}

/** Outages listed in the evidence; `result.json` has them all. */
const LISTED = 20;

function spanOf(stretch: Stretch): string[] {
  const { startAt, endAt, seeminglyEndAt, startUnseen } = stretch;
  const from = startUnseen ? `not seen, before ${seconds(startAt)}` : seconds(startAt);
  const length = duration(lengthOf(stretch) / 1e6);
  if (endAt !== undefined) return [from, seconds(endAt), startUnseen ? `${length} at the least` : length];
  const until = seeminglyEndAt === undefined ? "still open" : `${seconds(seeminglyEndAt)}, seemingly`;
  return [from, until, `${length} at the least`];
}

function seconds(ns: number): string {
  return `${(toMs(ns) / 1000).toFixed(2)} s`;
}

function outageTable(facts: Facts, outages: readonly FaultOutage[]): EvidenceTable {
  const clustered = facts.header.topology.kind === "cluster";
  return {
    title: "Outage by what was hit",
    columns: [
      "fault",
      ...(clustered ? ["full coverage", "keys of"] : []),
      "writes failed for",
      "reads failed for",
    ],
    rows: outages.map((entry) => [
      `${entry.fault.fault} ${hitBy(entry.fault).join(", ")}`,
      ...(clustered
        ? [
            settingAt(facts, "cluster-require-full-coverage", entry.fault.injectAt) ?? "unknown",
            entry.group === "hit"
              ? `shard ${shardsHit(facts, entry.fault).join(", ")} (hit)`
              : "the other shards",
          ]
        : []),
      shown(entry, "writes"),
      shown(entry, "reads"),
    ]),
  };
}

function shown(entry: FaultOutage, kind: "writes" | "reads"): string {
  if (!entry.measured[kind]) return "not measured";
  const ms = outageMs(entry[kind]);
  if (ms !== null && entry[kind].some(({ endAt }) => endAt === undefined))
    return `${duration(ms)}; one is open`;
  if (ms === null)
    return entry[kind].some(({ endAt }) => endAt === undefined) ? "end not seen" : "begin not seen";
  return ms === 0 ? "-" : duration(ms);
}

/** The primaries among the targets; where there are none, all. */
function hitBy({ primaries, targets }: FaultWindow): readonly string[] {
  return primaries.length > 0 ? primaries : targets;
}

/** What else was seen. Which setting made it how long is told by the phases of the failover. */
function notesOf(facts: Facts, outages: readonly FaultOutage[]): string[] {
  const notes: string[] = [];
  const later = outages.flatMap((entry) => [...entry.writes.slice(1), ...entry.reads.slice(1)]);
  if (later.length > 0) {
    const longest = Math.max(...later.map((one) => ((one.endAt ?? one.startAt) - one.startAt) / 1e6));
    notes.push(
      `after the recovery operations failed again ${later.length} times, at most for ${duration(longest)}`,
    );
  }
  const others = outages.find((entry) => entry.group === "others" && (outageMs(entry.writes) ?? 1) > 0);
  if (others && settingAt(facts, "cluster-require-full-coverage", others.fault.injectAt) === "yes") {
    const began = others.writes[0]?.startAt;
    const from = began === undefined ? "" : ` from ${duration(toMs(began - others.fault.injectAt))} on`;
    notes.push(`healthy shards stalled too${from}: cluster-require-full-coverage no keeps them serving`);
  }
  return notes;
}
