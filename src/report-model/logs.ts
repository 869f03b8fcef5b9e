import { inUtc, parseLog } from "../base/log-lines.ts";
import type { Facts } from "../check/facts.ts";
import { stallLength } from "../history/stalls.ts";
import type { TopologyEvent } from "../model/event.ts";
import type { ReportFailover, ReportFault, ReportLine, ReportModel } from "../model/report-model.ts";
import { appLines } from "./app-lines.ts";
import { ms } from "./time.ts";

/** A node's log as text. */
export interface NodeLog {
  readonly node: string;
  readonly text: string;
}

interface Run {
  readonly facts: Facts;
  readonly faults: readonly ReportFault[];
  readonly failovers: readonly ReportFailover[];
  readonly steps: ReportModel["steps"];
}

const LINES = 2500;
const CHARS = 250_000;
const TEXT_CHARS = 400;
/** Around a fault nothing is left out first. */
const BEFORE_MS = 1000;
const AFTER_MS = 2000;
/** A shorter stall of the tool itself is no line of its own. */
const LONG_STALL_NS = 250e6;
/** What the drill itself did or saw. */
const DRILL = "drill";

/** Every node's log and what the drill did and saw, on the run's clock. */
export function logsModel(logs: readonly NodeLog[], run: Run): ReportModel["logs"] {
  const startedMs = Date.parse(run.facts.header.startedAt);
  const utcOffsetMinutes: Record<string, number> = {};
  const all = drillLines(run, new Set(logs.map(({ node }) => node)));
  for (const { node, text } of logs) {
    const written = parseLog(text);
    const [first] = written;
    if (first === undefined) continue;
    // A node's first line is written shortly before the run begins.
    const { lines, zoneMs = 0 } = inUtc(written, (line) => (line === first ? startedMs : undefined));
    utcOffsetMinutes[node] = zoneMs / 60_000;
    for (const line of lines)
      all.push([Math.round(line.wallMs - startedMs), node, line.level, shortened(line.text)]);
  }
  const kept = bounded(all, run);
  return {
    lines: kept.toSorted(([a], [b]) => a - b),
    omitted: all.length - kept.length,
    utcOffsetMinutes,
  };
}

function drillLines({ facts, faults, steps }: Run, logged: ReadonlySet<string>): ReportLine[] {
  const line = (atMs: number | null | undefined, text: string): ReportLine[] =>
    atMs === null || atMs === undefined ? [] : [[atMs, DRILL, ">", shortened(text)]];
  return [
    ...faults.flatMap((fault) => [
      ...line(fault.injectMs, `fault: ${fault.label}`),
      ...line(fault.healedMs, `healed: ${fault.label}`),
    ]),
    ...steps.flatMap((step) => [
      ...line(step.fromMs, `step ${step.index + 1}: ${step.name}`),
      ...(step.status === "begin" || (step.status === "done" && step.detail === undefined)
        ? []
        : line(step.toMs, `step ${step.index + 1} ${step.status}${step.detail ? `: ${step.detail}` : ""}`)),
    ]),
    ...facts.stalls
      .filter((stall) => stallLength(stall) >= LONG_STALL_NS)
      .flatMap((stall) =>
        line(
          ms(stall.from),
          `valkey-drill itself stood still for ${Math.round(stallLength(stall) / 1e6)} ms`,
        ),
      ),
    ...facts.topology.flatMap((event): ReportLine[] => {
      const text = seen(event, logged);
      return text === undefined ? [] : [[ms(event.at), event.source, ">", shortened(text)]];
    }),
    ...appLines(facts).map(([at, from, level, text]): ReportLine => [at, from, level, shortened(text)]),
  ];
}

/** A Sentinel's own events stand in its log as well. */
function seen({ event, source, subject, to, detail }: TopologyEvent, logged: ReadonlySet<string>) {
  if (event === "sentinel") return logged.has(source) ? undefined : detail;
  if (event === "reachable") return to === "yes" ? "answers the drill" : "does not answer the drill";
  if (event === "role") return `says that it is a ${to}`;
  if (event === "follows") return `follows ${to}`;
  if (event === "link") return `says that its link to its primary is ${to}`;
  if (event === "state") return `says cluster_state:${to}`;
  if (event === "slots") return `sees ${to} slots served`;
  return `holds ${subject} to be ${to}`;
}

function bounded(lines: readonly ReportLine[], { faults, failovers }: Run): ReportLine[] {
  if (lines.length <= LINES && lines.reduce((sum, line) => sum + line[3].length, 0) <= CHARS)
    return [...lines];
  const windows = faults.map((fault) => {
    const outages = failovers.find((one) => one.fault === fault.id)?.outages ?? [];
    const over = outages.flatMap(({ intervals }) => intervals.map(({ toMs }) => toMs));
    return [fault.injectMs - BEFORE_MS, Math.max(fault.injectMs, ...over) + AFTER_MS] as const;
  });
  const away = ([atMs, node]: ReportLine) =>
    node === DRILL
      ? -1
      : Math.min(Infinity, ...windows.map(([from, to]) => Math.max(0, from - atMs, atMs - to)));
  const ranked = lines.map((line) => ({ line, away: away(line) })).toSorted((a, b) => a.away - b.away);
  let chars = 0;
  return ranked
    .slice(0, LINES)
    .filter(({ line }) => {
      chars += line[3].length;
      return chars <= CHARS;
    })
    .map(({ line }) => line);
}

function shortened(text: string): string {
  return text.length > TEXT_CHARS ? `${text.slice(0, TEXT_CHARS)}…` : text;
}
