import { type Checker, duration, type EvidenceTable } from "./checker.ts";
import { type Facts, type FaultWindow, toMs } from "./facts.ts";
import { firstSaidFail } from "./full-coverage.ts";
import { hurtingFaults, windowEnd } from "./losses.ts";
import { outageMs, type Stretch } from "./outage-of.ts";
import { type FaultOutage, outagesOf, probeOperations, shardsHit } from "./probes.ts";
import { settingAt } from "./settings.ts";
import { lengthWithin, stalledOutage } from "./stalled-outage.ts";

/** How long writes and reads failed after each fault that hurt, against the scenario's limits. */
export const outage: Checker = {
  name: "outage",
  stalled: (facts, found) => stalledOutage(facts, found, judgedFaults(facts)),
  summary: "writes and reads came back for good, within the scenario's limits",
  applies: (facts) => judgedFaults(facts).length > 0 && probeOperations(facts).length > 0,
  check(facts) {
    const outages = outagesOf(facts, judgedFaults(facts));
    const limits = facts.header.expect.outage ?? {};
    const measured = outages.flatMap((entry) => [
      {
        entry,
        kind: "writes" as const,
        ms: outageMs(entry.writes),
        limitMs: entry.group === "hit" ? limits.writeMs : limits.otherShardsMs,
      },
      {
        entry,
        kind: "reads" as const,
        ms: outageMs(entry.reads),
        limitMs: entry.group === "hit" ? limits.readMs : limits.otherShardsMs,
      },
    ]);
    const evidence = { tables: [outageTable(facts, outages)], notes: notesOf(facts, outages) };
    const open = measured.find(({ ms }) => ms === null);
    if (open && stretches(open).some((one) => one.endAt === undefined && one.seeminglyEndAt !== undefined)) {
      return {
        verdict: "unknown",
        summary: `${open.kind}${of(facts, open.entry)} went well again, but not for long enough before the next fault or the end to say that they had recovered`,
        evidence: { reason: "recovery-not-observed", ...evidence },
      };
    }
    if (open) {
      return {
        verdict: "fail",
        summary: `${open.kind}${of(facts, open.entry)} did not come back`,
        evidence: { reason: "not-recovered", ...evidence },
      };
    }
    const over = measured.find(({ ms, limitMs }) => limitMs !== undefined && (ms as number) > limitMs);
    if (over) {
      return {
        verdict: "fail",
        summary: `${over.kind}${of(facts, over.entry)} failed for ${duration(over.ms as number)}; the limit is ${duration(over.limitMs as number)}`,
        evidence: { reason: "outage-over-limit", outageMs: over.ms, limitMs: over.limitMs, ...evidence },
      };
    }
    const unseen = measured.find(({ entry, kind, limitMs }) => {
      const nothing = !entry.measured.writes && !entry.measured.reads;
      return limitMs === undefined ? entry.group === "hit" && nothing : !entry.measured[kind];
    });
    if (unseen) {
      return {
        verdict: "unknown",
        summary: `${unseen.kind}${of(facts, unseen.entry)} were not measured: the probe sent none after the fault`,
        evidence: { reason: "not-measured", ...evidence },
      };
    }
    const worst = (kind: "writes" | "reads") => {
      const seen = measured.filter(
        (one) => one.entry.group === "hit" && one.kind === kind && one.entry.measured[kind],
      );
      if (seen.length === 0) return `${kind} were not measured`;
      return `${kind} failed for ${duration(Math.max(...seen.map((one) => one.ms as number)))}`;
    };
    return {
      verdict: "pass",
      summary: `${worst("writes")}, ${worst("reads").replace("reads failed", "reads")}${withinLimits(limits)}`,
      evidence,
    };
  },
};

/** The faults that hurt; where none did and the scenario has limits, all: that none hurt is what was asked. */
function judgedFaults(facts: Facts): readonly FaultWindow[] {
  const hurting = hurtingFaults(facts);
  return hurting.length > 0 || facts.header.expect.outage === undefined ? hurting : facts.faults;
}

function stretches({ entry, kind }: { entry: FaultOutage; kind: string }): readonly Stretch[] {
  return kind === "writes" ? entry.writes : entry.reads;
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
      shown(facts, entry, "writes"),
      shown(facts, entry, "reads"),
    ]),
  };
}

function shown(facts: Facts, entry: FaultOutage, kind: "writes" | "reads"): string {
  const { ms, errorMs, stalled } = lengthWithin(facts, entry.fault, entry[kind]);
  if (stalled || !entry.measured[kind]) return "not measured";
  if (ms === null) return "not recovered";
  if (ms === 0) return "-";
  return errorMs < 1 ? duration(ms) : `${duration(ms)} ± ${duration(errorMs)}`;
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
  if (others) notes.push(...othersNote(facts, others));
  return notes;
}

/** What would have kept the other shards serving is told only where a node said that it takes no commands since slots are not served. */
function othersNote(facts: Facts, { fault, writes: [first] }: FaultOutage): string[] {
  if (settingAt(facts, "cluster-require-full-coverage", fault.injectAt) !== "yes") return [];
  const after = (at: number) => duration(toMs(at - fault.injectAt));
  const from = first === undefined ? "" : ` from ${after(first.startAt)} on`;
  const said = firstSaidFail(facts, fault.injectAt, first?.endAt ?? windowEnd(facts, fault));
  if (!said) return [`the other shards stalled too${from}; no node said cluster_state:fail`];
  return [
    `healthy shards stalled too${from}: ${said.node} said ${said.words} ${after(said.at)} after the fault; cluster-require-full-coverage no keeps them serving`,
  ];
}
