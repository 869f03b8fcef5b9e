import { readFileSync } from "node:fs";
import type { LogInput, ReadOptions, ReadReport } from "../model.ts";
import { readLogs } from "./read-logs.ts";

/* Logs that servers wrote in drills, without lines that nobody reads for a failover. */

export const VERSIONS = ["redis-7.0", "8.0", "8.1", "9.1"] as const;

/** A node's log by the name of the node. */
export type Logs = ReadonlyMap<string, string>;

export function recorded(scenario: "ha-failover" | "cluster-failover", version: string): Logs {
  const file = new URL(`./recorded/${scenario}-${version}.fixture.txt`, import.meta.url);
  const parts = readFileSync(file, "utf8").split(/^==> (.*)\.log <==\n/m);
  const logs = new Map<string, string>();
  for (let at = 1; at < parts.length; at += 2) logs.set(parts[at] ?? "", parts[at + 1] ?? "");
  return logs;
}

/** What the logs tell, each given as a file of its own. */
export function read(logs: Logs, options?: ReadOptions): Promise<ReadReport> {
  return readLogs(
    [...logs].map(([name, text]) => input(`${name}.log`, text)),
    options,
  );
}

/** A stream that comes in pieces. */
export function input(name: string, text: string | Uint8Array, chunkSize = 10_000): LogInput {
  const bytes = Buffer.from(text);
  async function* stream() {
    for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
  }
  return { name, stream: stream() };
}

const TIME = /(\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d)\.(\d{3})/g;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The log as a clock would have written it that is so far ahead. */
export function shifted(text: string, byMs: number): string {
  return rewritten(text, (at) => {
    const date = new Date(at + byMs);
    const [day, time] = date.toISOString().split("T") as [string, string];
    return `${day.slice(8)} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()} ${time.slice(0, -1)}`;
  });
}

/** With its times in another form. */
export function rewritten(text: string, form: (at: number) => string): string {
  return text.replace(TIME, (_, day, month, year, hour, minute, second, ms) =>
    form(Date.UTC(+year, MONTHS.indexOf(month), +day, +hour, +minute, +second, +ms)),
  );
}

/** What matters of a report, without numbers that differ from one reading to the next. */
export function summary({ nodes, events }: ReadReport) {
  const label = new Map(
    nodes.map(({ id, label: name, addresses, sentinelMyid }) => [id, addresses[0] ?? sentinelMyid ?? name]),
  );
  return events
    .filter(({ kind }) => KINDS.has(kind))
    .map(({ node, kind, subject, data }) =>
      [label.get(node), kind, label.get(subject ?? ""), data.to && label.get(data.to), data.epoch].join(" "),
    )
    .toSorted();
}

const KINDS = new Set([
  "+sdown",
  "+odown",
  "+vote-for-leader",
  "+selected-slave",
  "+promoted-slave",
  "+switch-master",
  "promoted",
  "election-started",
  "election-won",
  "vote-granted",
  "failed",
  "became-replica",
  "partial-sync-done",
  "full-sync-started",
]);
