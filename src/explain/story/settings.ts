import type { SettingTold } from "../../model/explanation.ts";
import { settingName } from "../../model/setting-name.ts";
import type { Incident } from "./incidents.ts";
import type { System } from "./systems.ts";

/** Settings that decide about failovers, each with where it is known from. */
export interface Settings {
  readonly all: readonly SettingTold[];
  value(name: string): string | undefined;
  isInferred(name: string): boolean;
}

/** Of one node only: the one that differs is what matters. They are told beside the nodes. */
const OF_A_NODE: readonly string[] = ["replica-priority", "cluster-replica-no-failover"];
/** Names under which older versions and other files know them. */
const FAILOVER: readonly string[] = [
  "down-after-milliseconds",
  "failover-timeout",
  "parallel-syncs",
  "quorum",
  "replica-priority",
  "min-replicas-to-write",
  "min-replicas-max-lag",
  "cluster-node-timeout",
  "cluster-replica-validity-factor",
  "cluster-replica-no-failover",
  "cluster-require-full-coverage",
  "repl-ping-replica-period",
  "repl-timeout",
  "repl-backlog-size",
  "client-output-buffer-limit",
  "appendonly",
  "appendfsync",
  "busy-reply-threshold",
];

/** What the logs, INFO and configuration files tell. Of values that differ between nodes the most frequent one. */
export function toldSettings(system: System): SettingTold[] {
  const found = new Map<string, Map<string, { times: number; text: string }>>();
  for (const { settings } of system.nodes)
    for (const [given, { value, place }] of Object.entries(settings)) {
      const name = nameIn(system, given);
      if (name === undefined) continue;
      const values = found.get(name) ?? new Map();
      const before = values.get(value) ?? { times: 0, text: `${place.file}:${place.lineNo}` };
      values.set(value, { ...before, times: before.times + 1 });
      found.set(name, values);
    }
  const quorum = system.events.find(({ data }) => data.quorum !== undefined);
  if (quorum && !found.has("quorum")) {
    const text = `${quorum.line.file}:${quorum.line.lineNo}`;
    found.set("quorum", new Map([[String(quorum.data.quorum), { times: 1, text }]]));
  }
  return [...found].flatMap(([name, values]): SettingTold[] => {
    const [most] = [...values].toSorted(([, a], [, b]) => b.times - a.times);
    return most ? [{ name, value: most[0], from: "told", text: most[1].text }] : [];
  });
}

/** The name of a setting that matters to this system; a Sentinel's has the name of its group before it. */
function nameIn({ group }: System, given: string): string | undefined {
  const words = given.split(" ");
  if (words.length > 1 && words[0] !== group) return undefined;
  const name = settingName(words.at(-1) ?? given);
  return FAILOVER.includes(name) ? name : undefined;
}

/** What every node was told for itself, where it is one of those that may differ. */
export function settingsOfNodes(system: System): { node: string; setting: string; value: string }[] {
  return system.nodes.flatMap(({ id, settings }) =>
    Object.entries(settings).flatMap(([given, { value }]) => {
      const setting = settingName(given);
      return OF_A_NODE.includes(setting) ? [{ node: id, setting, value }] : [];
    }),
  );
}

/** What is not told and can be inferred from the times of lines. */
export function inferredSettings(
  system: System,
  incidents: readonly Incident[],
  known: readonly SettingTold[],
) {
  const isKnown = (name: string) => known.some((one) => one.name === name);
  const found: SettingTold[] = [];
  const detection = system.kind === "ha" ? "down-after-milliseconds" : "cluster-node-timeout";
  if (!isKnown(detection)) found.push(...detectionFrom(system, incidents, detection));
  if (system.kind === "ha" && !isKnown("failover-timeout")) found.push(...failoverTimeoutFrom(system));
  return found;
}

/** From a lost connection to the first who holds the primary to be down: the setting, and up to a second more. */
function detectionFrom(system: System, incidents: readonly Incident[], name: string): SettingTold[] {
  const suspects = system.kind === "ha" ? "+sdown" : "suspects";
  const spans = incidents.flatMap(({ primary, firstAt, lastAt, after, roles }) => {
    const first = system.events.find(
      ({ kind, subject, at }) => kind === suspects && subject === primary && at >= firstAt && at <= lastAt,
    );
    if (!first) return [];
    const lost = system.events.find(
      ({ kind, node, at, subject }) =>
        at > after &&
        at < first.at &&
        at > first.at - LONGEST_MS &&
        ((kind === "primary-link-lost" && (subject ?? roles.at(node, at).follows) === primary) ||
          (kind === "replica-link-lost" && node === primary) ||
          (["shutdown", "crashed"].includes(kind) && node === primary)),
    );
    return lost ? [{ ms: first.at - lost.at, lost, first }] : [];
  });
  const [shortest] = spans.toSorted((a, b) => a.ms - b.ms);
  if (!shortest || shortest.ms < 50) return [];
  const { ms, lost, first } = shortest;
  const value = String(round(ms, system.kind));
  const text =
    `the connection to the primary was lost at ${place(lost)}, and ${(ms / 1000).toFixed(2)} s later it ` +
    `was held to be down (${place(first)}): about so long, give or take a second`;
  return [{ name, value, from: "inferred", text }];
}

const LONGEST_MS = 120_000;

/** People set round values. A Sentinel may notice up to a second sooner or later, a node of a cluster only later. */
function round(ms: number, kind: System["kind"]): number {
  const step = ms < 1000 ? 100 : ms < 5000 ? 500 : ms < 20_000 ? 1000 : 5000;
  const steps = kind === "ha" ? Math.round(ms / step) : Math.floor((ms + 20) / step);
  return Math.max(1, steps) * step;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/**
 * `Next failover delay: I will not start a failover before Sun Nov 29 04:32:12 2026` is twice the setting after the
 * last vote.
 */
function failoverTimeoutFrom({ events }: System): SettingTold[] {
  for (const event of events) {
    if (event.kind !== "failover-delayed") continue;
    const [, month = "", day, hour, minute, second, year] =
      /before \w{3} (\w{3}) +(\d+) (\d+):(\d+):(\d+) (\d{4})/.exec(event.line.text) ?? [];
    if (year === undefined) continue;
    const until = Date.UTC(
      Number(year),
      MONTHS.indexOf(month),
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    );
    const vote = events.findLast(
      ({ node, at, kind }) =>
        node === event.node && at <= event.at && (kind === "+vote-for-leader" || kind === "+try-failover"),
    );
    const since = vote?.line.at ?? event.line.at;
    // Its local time may be in another zone than the line's own: those differ by quarters of an hour.
    const quarter = 900_000;
    const waits = (((until - since) % quarter) + quarter) % quarter;
    const value = Math.round(waits / 2 / 500) * 500;
    if (value <= 0) continue;
    const text = `${place(event)} tells until when no other attempt is made: twice this after the last vote`;
    return [{ name: "failover-timeout", value: String(value), from: "inferred", text }];
  }
  return [];
}

function place({ line }: { line: { file: string; lineNo: number } }): string {
  return `${line.file}:${line.lineNo}`;
}

/** All that is known, what was told before what was inferred. */
export function settingsFrom(all: readonly SettingTold[]): Settings {
  return {
    all,
    value: (name) => all.find((one) => one.name === name)?.value,
    isInferred: (name) => all.find((one) => one.name === name)?.from === "inferred",
  };
}
