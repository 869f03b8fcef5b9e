import type { ClientHelp, ClientSymptom } from "../../model/client-help.ts";
import { type EvidenceTable, plural } from "../checker.ts";
import { type Facts, toSeconds } from "../facts.ts";
import { faultName } from "../faults-during.ts";
import { lastLooks, librariesSeen, type NodeLook, tallyOfConnections } from "./connections.ts";
import { firstLine, observedUntil } from "./probes.ts";
import { type AppOutage, stuckInstances } from "./recovery.ts";
import { holdersAt } from "./servers-well.ts";

/** Why an application hangs, as far as it was seen. */
export interface Cause {
  readonly text: string;
  readonly symptom?: ClientSymptom;
  readonly help: readonly ClientHelp[];
  readonly tables: readonly EvidenceTable[];
  readonly notes: readonly string[];
}

/** The application's lines of that time that are shown. */
const MOST_LINES = 10;

/** Where its connections were, what it said, and what is known to help. */
export function causeOf(facts: Facts, outage: AppOutage): Cause {
  const { wellSince = outage.since, interval, freedBy } = outage;
  const to = freedBy?.at ?? interval.endAt ?? facts.endedAt;
  const instances = stuckInstances(outage);
  const looks = lastLooks(facts, { from: wellSince, to }, instances);
  const before = lastLooks(facts, { from: 0, to: outage.fault.injectAt }, instances);
  const { text, symptom } = seenIn(facts, looks, before);
  const help = symptom === undefined ? [] : helpFor(facts, symptom);
  return {
    text,
    ...(symptom !== undefined && { symptom }),
    help,
    tables: [...connectionTable(looks), ...lineTable(facts, wellSince, Math.min(to, observedUntil(facts)))],
    notes: [...freedNote(outage), ...help.map(helpText)],
  };
}

interface Seen {
  readonly text: string;
  readonly symptom?: ClientSymptom;
}

function seenIn(facts: Facts, looks: readonly NodeLook[], before: readonly NodeLook[]): Seen {
  if (looks.length === 0) return { text: "nobody looked where its connections were meanwhile" };
  const holders = looks.filter(({ isHolder }) => isHolder);
  const atHolders = holders.flatMap(({ connections }) => connections ?? []);
  const left = looks.find((one) => one.supersededAt !== undefined && (one.connections?.length ?? 0) > 0);
  if (left) return stillThere(facts, left);
  const silent = looks.find(({ connections, supersededAt: at }) => connections === null && at !== undefined);
  const had = before.find(({ node }) => node === silent?.node);
  const held = had?.connections?.length ?? 0;
  if (silent && held > atHolders.length) {
    const { node, supersededAt: at = 0 } = silent;
    const waits =
      atHolders.length === 0
        ? `none: it waits for ${node}`
        : `${atHolders.length} of it: the others may wait for ${node}`;
    const text =
      `${node} held ${plural(held, "connection")} of it at ${toSeconds(had?.at ?? 0)}, and does not answer; ` +
      `${successors(facts, silent)}, promoted at ${toSeconds(at)}, holds ${waits}`;
    return { text, symptom: "frozen-primary" };
  }
  const subscribed = sum(before) > 0 && sum(looks) === 0 && atHolders.length > 0;
  if (subscribed) {
    const there = holders.map(({ node }) => node).join(", ");
    const text =
      `${plural(sum(before), "subscription")} of it stood at ${toSeconds(before[0]?.at ?? 0)}, and none does now: it ` +
      `is connected to ${there}, and subscribed to nothing`;
    return { text };
  }
  if (looks.every(({ connections }) => connections?.length === 0))
    return { text: "it has no connection to any node" };
  if (atHolders.length === 0) {
    const mute = looks.filter(({ connections }) => connections === null).map(({ node }) => node);
    const more = mute.length > 0 ? `; ${mute.join(", ")} did not answer` : "";
    return { text: `it has no connection to ${holders.map(({ node }) => node).join(", ")}${more}` };
  }
  return { text: atTheRightPlace(holders) };
}

/** Channels and patterns that it is subscribed to. */
function sum(looks: readonly NodeLook[]): number {
  return looks
    .flatMap(({ connections }) => connections ?? [])
    .reduce((all, { subscriptions }) => all + subscriptions, 0);
}

function stillThere(facts: Facts, look: NodeLook): Seen {
  const { node, role, connections, supersededAt: at = 0 } = look;
  const { count, commands, longestIdleS, blocked } = tallyOfConnections(connections ?? []);
  const now = role === undefined ? "" : `, which is a ${role} now`;
  const waits = blocked > 0 ? `, ${blocked} of them blocked` : "";
  const text =
    `${plural(count, "connection")} of it ${count === 1 ? "is" : "are"} still at ${node}${now}: ` +
    `${successors(facts, look)} was promoted in its place at ${toSeconds(at)} ` +
    `(last command ${commands[0] ?? "unknown"}${waits}, idle for up to ${longestIdleS ?? 0} s)`;
  return role === "replica" ? { text, symptom: "demoted-primary" } : { text };
}

function atTheRightPlace(holders: readonly NodeLook[]): string {
  const connections = holders.flatMap((look) => look.connections ?? []);
  const { count, commands, blocked, longestIdleS } = tallyOfConnections(connections);
  const at = holders.filter((look) => (look.connections?.length ?? 0) > 0).map(({ node }) => node);
  const waiting = connections.filter((one) => one.blocked).map(({ command }) => command);
  const how =
    blocked > 0
      ? `${blocked} blocked in ${[...new Set(waiting)].join(", ")}, idle for up to ${longestIdleS} s`
      : `last command ${commands[0] ?? "unknown"}, idle for up to ${longestIdleS} s`;
  return (
    `${plural(count, "connection")} of it ${count === 1 ? "is" : "are"} at ${at.join(", ")}, where it should be ` +
    `(${how}): what holds it up is in the application`
  );
}

/** Who holds the place that the node had. */
function successors(facts: Facts, { node, at }: NodeLook): string {
  const { nodes } = facts.header.topology;
  const shard = nodes.find(({ name }) => name === node)?.shard;
  const own = holdersAt(facts, at).filter(
    (name) => nodes.find((one) => one.name === name)?.shard === shard || facts.header.topology.kind === "ha",
  );
  return own.join(", ");
}

/** By what the servers were told of the library; where they were not, by the environment that the application got. */
function helpFor(facts: Facts, symptom: ClientSymptom): ClientHelp[] {
  const seen = librariesSeen(facts).map((library) => (/^[^\s(@,]+/.exec(library)?.[0] ?? "").toLowerCase());
  const { kind } = facts.header.topology;
  const fitting = facts.clientHelp.filter((one) => one.symptom === symptom && one.topology === kind);
  const byName = fitting.filter(({ libNames }) => libNames.some((name) => seen.includes(name)));
  if (byName.length > 0 || seen.length > 0) return byName;
  const presets = (facts.header.app?.preset ?? "").split(/,\s*/);
  return fitting.filter(({ library }) => presets.includes(library));
}

function helpText({ library, option, measured, reference }: ClientHelp): string {
  const what = option === null ? "no option was found that helps" : `${option} helps`;
  return `${library}: ${what}. ${measured} (${reference})`;
}

function freedNote({ freedBy, fault }: AppOutage): string[] {
  if (!freedBy) return [];
  const at = toSeconds(freedBy.at);
  if (freedBy.by === "restarted") return [`it went well again only after it was restarted at ${at}`];
  return [`it went well again only after ${faultName(freedBy.fault ?? fault)} had been undone at ${at}`];
}

function connectionTable(looks: readonly NodeLook[]): EvidenceTable[] {
  if (looks.length === 0) return [];
  return [
    {
      title: "The application's connections while it hung, by the servers' own lists",
      columns: ["node", "role", "looked at", "connections", "last commands", "blocked", "idle for up to"],
      rows: looks.map(({ node, role, at, connections, supersededAt: lost }) => {
        const is = `${role ?? "unknown"}${lost === undefined ? "" : ", superseded"}`;
        if (connections === null) return [node, is, toSeconds(at), "did not answer", "", "", ""];
        const { count, commands, blocked, longestIdleS } = tallyOfConnections(connections);
        const idle = longestIdleS === null ? "" : `${longestIdleS} s`;
        return [node, is, toSeconds(at), count, commands.slice(0, 3).join(", "), blocked, idle];
      }),
    },
  ];
}

function lineTable(facts: Facts, from: number, to: number): EvidenceTable[] {
  const seen = new Set<string>();
  const lines = facts.observations("app-line").filter(({ at, text }) => {
    const isNew = at >= from && at <= to && !seen.has(firstLine(text));
    seen.add(firstLine(text));
    return isNew;
  });
  if (lines.length === 0) return [];
  return [
    {
      title: "What the application said meanwhile",
      columns: ["at", "instance", "line"],
      rows: lines
        .slice(0, MOST_LINES)
        .map(({ at, instance, text }) => [toSeconds(at), instance, firstLine(text)]),
    },
  ];
}
