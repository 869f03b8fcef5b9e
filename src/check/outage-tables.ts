import type { OutageResult } from "../model/result.ts";
import { lengthOf, type OutageInterval, outageMs } from "../service/outage-interval.ts";
import { duration, type EvidenceTable } from "./checker.ts";
import { type Facts, type FaultWindow, toMs, toSeconds } from "./facts.ts";
import { firstSaidFail } from "./full-coverage.ts";
import { windowEnd } from "./losses.ts";
import { type Kind, observedBy } from "./observed-by.ts";
import type { Question } from "./outage-coverage.ts";
import { stateOf } from "./outages-listed.ts";
import type { FaultOutage } from "./probes.ts";
import { settingAt } from "./settings.ts";
import { shardsHit } from "./shards-hit.ts";
import { lengthWithin } from "./stalled-outage.ts";

/** `writes of shard 1` */
export function nameOf(facts: Facts): (question: Pick<Question, "entry" | "kind">) => string {
  return ({ entry, kind }) => `${kind}${of(facts, entry)}`;
}

function of(facts: Facts, entry: FaultOutage): string {
  if (facts.header.topology.kind === "ha") return "";
  return entry.group === "hit"
    ? ` of shard ${shardsHit(facts, entry.fault).join(", ")}`
    : " of the other shards";
}

/** By fault; and where there was more than one outage of a kind, or one whose end was not seen, each of them. */
export function tablesOf(facts: Facts, outages: readonly FaultOutage[]): EvidenceTable[] {
  const all = outages.flatMap((entry) =>
    (["writes", "reads"] as const).flatMap((kind) =>
      entry[kind].map((interval) => ({ entry, kind, interval })),
    ),
  );
  const name = nameOf(facts);
  const each = {
    title: "Every outage, in order; times since the run began",
    columns: ["of", "fault", "from", "until", "failed for"],
    rows: all
      .toSorted((a, b) => a.interval.startAt - b.interval.startAt)
      .slice(0, LISTED)
      .map(({ entry, kind, interval }) => [
        name({ entry, kind }),
        `${entry.fault.fault} ${hitBy(entry.fault).join(", ")}`,
        ...spanOf(interval, stateOf(interval, observedBy(facts, kind))),
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

function spanOf(interval: OutageInterval, state: OutageResult["state"]): string[] {
  const { startAt, endAt, seeminglyEndAt, startUnseen } = interval;
  const from = startUnseen ? `not seen, before ${toSeconds(startAt)}` : toSeconds(startAt);
  const length = duration(lengthOf(interval) / 1e6);
  if (state === "ended") return [from, toSeconds(endAt as number), length];
  if (state === "open") return [from, "still open", `${length} at the least`];
  if (state === "seemingly-ended") return [from, `${toSeconds(seeminglyEndAt as number)}, seemingly`, length];
  return [from, endAt === undefined ? "not seen" : toSeconds(endAt), `${length} at the least`];
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

function shown(facts: Facts, entry: FaultOutage, kind: Kind): string {
  const { ms, errorMs, stalled } = lengthWithin(facts, entry.fault, entry[kind]);
  if (stalled || !entry.measured[kind]) return "not measured";
  const isOpen = entry[kind].some(({ endAt }) => endAt === undefined);
  if (ms === null) return isOpen ? "end not seen" : "begin not seen";
  const length = errorMs < 1 ? duration(ms) : `${duration(ms)} ± ${duration(errorMs)}`;
  if (isOpen) return `${length}; one is open`;
  return ms === 0 ? "-" : length;
}

/** The primaries among the targets; where there are none, all. */
function hitBy({ primaries, targets }: FaultWindow): readonly string[] {
  return primaries.length > 0 ? primaries : targets;
}

/** What else was seen. Which setting made it how long is told by the phases of the failover. */
export function notesOf(facts: Facts, outages: readonly FaultOutage[]): string[] {
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

/**
 * What would have kept the other shards serving is told only where a node said that it takes no commands since slots
 * are not served.
 */
function othersNote(facts: Facts, { fault, writes: [first] }: FaultOutage): string[] {
  if (settingAt(facts, "cluster-require-full-coverage", fault.injectAt) !== "yes") return [];
  const after = (at: number) => duration(toMs(at - fault.injectAt));
  const from = first === undefined ? "" : ` from ${after(first.startAt)} on`;
  const said = firstSaidFail(facts, fault.injectAt, first?.endAt ?? windowEnd(facts, fault));
  if (!said) return [`the other shards stalled too${from}; no node said cluster_state:fail`];
  return [
    `healthy shards stalled too${from}: ${said.node} said "${said.words}" ${after(said.at)} after the fault; ` +
      `cluster-require-full-coverage no keeps them serving`,
  ];
}
