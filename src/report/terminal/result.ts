import type { Result } from "../../model/result.ts";
import { outageWords } from "../outage-words.ts";
import { stallWords } from "../stall-words.ts";
import { unreadWords } from "../unread-words.ts";
import { checkLines } from "./checks.ts";
import { type Paint, painter } from "./colour.ts";
import { formatCount, formatMs, formatNumber, formatRest, printable, verdictLook } from "./format.ts";
import { type Cell, hanging, indent, joinParts, MARGIN, spaced, tableLines, WIDTH } from "./layout.ts";
import { timelineLines } from "./timeline.ts";

/** How to draw on a terminal. */
export interface TerminalOptions {
  /** Without colour there is no escape code at all. */
  readonly colour: boolean;
  /** Columns of the terminal; drawn no narrower than 60 and no wider than 120. Default 100. */
  readonly width?: number;
}

const LABEL_WIDTH = 13;
const SHARDS_MAX = 20;

/**
 * Draws a result for a person: what was found, how the failover went, how long users were hurt, what became
 * of the writes, and what each check says. Ends with a line feed.
 */
export function renderResult(result: Result, options: TerminalOptions): string {
  const paint = painter(options.colour);
  const width = drawnWidth(options.width) - MARGIN;
  const shown = printable(result);
  const sections = [
    subject(shown, paint, width),
    [
      ...timelineLines(shown, paint, width),
      ...unreadWords(shown).flatMap((text) => hanging(`  ${paint.doubt("!")} `, text, width)),
    ],
    outage(shown, paint),
    writes(shown, paint, width),
    traffic(shown, paint, width),
    shards(shown, paint, width),
    checkLines(shown.checks, paint, width),
  ];
  const lines = [
    ...stallWords(shown).flatMap((text) => hanging(paint.doubt("! "), text, width).map(paint.doubt)),
    headline(shown, paint),
    ...sections.filter((lines) => lines.length > 0).flatMap((lines) => [...indent(lines, MARGIN), ""]),
    ...ending(shown, paint),
  ];
  return `${spaced(lines.join("\n"))}\n`;
}

/** The width to draw at on a terminal that has `columns`. */
export function drawnWidth(columns: number = WIDTH.default): number {
  return Math.min(WIDTH.max, Math.max(WIDTH.min, columns));
}

function headline({ verdict, scenario }: Result, paint: Paint): string {
  const look = verdictLook(verdict, paint);
  return `${look.paint(paint.strong(`${look.mark} ${look.word}`))}  ${paint.strong(scenario)}`;
}

function subject({ topology, client, seed }: Result, paint: Paint, width: number): string[] {
  const of = (role: string) => topology.nodes.filter((node) => node.role === role).length;
  const nodes = [
    formatCount(of("primary"), "primary", "primaries"),
    formatCount(of("replica"), "replica"),
    ...(of("sentinel") > 0 ? [formatCount(of("sentinel"), "Sentinel")] : []),
  ];
  const parts = [
    `${topology.kind === "ha" ? "HA" : "Cluster"}: ${nodes.join(", ")}`,
    `Valkey ${topology.valkey}`,
    `${topology.driver} driver`,
    `${client.name} ${client.version}`,
    `seed ${seed}`,
  ];
  return hanging("", joinParts(parts), width).map(paint.faint);
}

function outage(result: Result, paint: Paint): string[] {
  const say = (kind: "write" | "read") => {
    const words = outageWords(result, kind);
    if (result.outage[`${kind}Ms`] !== null) return paint.strong(words);
    if (words === "none") return paint.faint("none: no fault hurt");
    return words === "not measured" ? paint.faint(words) : paint.bad(words);
  };
  return [`${label("Outage", paint)}writes ${say("write")}   reads ${say("read")}`];
}

function writes({ writes: counts }: Result, paint: Paint, width: number): string[] {
  const row = (name: keyof typeof counts, words: string, alarm?: (text: string) => string): Cell[] => {
    const mark = counts[name] > 0 ? alarm : undefined;
    return [
      mark === undefined ? name : { text: name, paint: mark },
      { text: formatNumber(counts[name]), paint: mark ?? paint.strong },
      words,
    ];
  };
  const rows = [
    row("acknowledged", "the server said OK"),
    row("survived", "acknowledged, and still there"),
    row("lost", "acknowledged, and gone", paint.bad),
    row("recovered", "not acknowledged, yet there"),
    row("indeterminate", "no certain answer came"),
  ];
  const columns = [{}, { align: "right" as const }, { paint: paint.faint }];
  return [paint.strong("Writes"), ...indent(tableLines(columns, rows, { width: width - MARGIN }), MARGIN)];
}

function traffic(
  { operations, latency, redirects, topology }: Result,
  paint: Paint,
  width: number,
): string[] {
  const { total, ok, fail, info, perSecond } = operations;
  const counts = [
    `${formatNumber(total)} in all`,
    `${formatNumber(ok)} ok`,
    `${formatNumber(fail)} failed`,
    `${formatNumber(info)} unknown`,
    `${formatNumber(Math.round(perSecond))} per second`,
  ];
  const tail = [
    `half within ${formatMs(latency.p50Ms)}`,
    `99% ${formatMs(latency.p99Ms)}`,
    `99.9% ${formatMs(latency.p999Ms)}`,
    `longest ${formatMs(latency.maxMs)}`,
    ...(latency.leftOut ? [`${formatNumber(latency.leftOut)} left out: valkey-drill stood still`] : []),
  ];
  const lines = [
    ...hanging(label("Operations", paint), joinParts(counts), width),
    ...hanging(label("Latency", paint), joinParts(tail), width),
  ];
  if (topology.kind === "cluster" || redirects.moved + redirects.ask > 0) {
    const followed = `${formatNumber(redirects.moved)} MOVED · ${formatNumber(redirects.ask)} ASK`;
    lines.push(...hanging(label("Redirects", paint), followed, width));
  }
  return lines;
}

function shards(result: Result, paint: Paint, width: number): string[] {
  const all = result.shards;
  if (all.length === 0) return [];
  const rows = shownShards(result).map(({ shard, slots, keys, primary, replicas }) => [
    `${shard}`,
    slots.replaceAll(/,\s*/g, ", "),
    formatNumber(keys),
    primary,
    replicas.length === 0 ? { text: "none", paint: paint.doubt } : replicas.join(", "),
  ]);
  const columns = [
    { title: "shard", align: "right" as const },
    { title: "slots" },
    { title: "keys", align: "right" as const },
    { title: "primary" },
    { title: "replicas" },
  ];
  const rest = formatRest(all.length, SHARDS_MAX);
  return [
    paint.strong("Shards at the end"),
    ...indent(tableLines(columns, rows, { width: width - MARGIN, head: paint.faint }), MARGIN),
    ...(rest === undefined ? [] : indent([paint.faint(`${rest}, in result.json`)], MARGIN)),
  ];
}

/** Where not all fit, those that the failover touched or left without a replica are among the shown. */
function shownShards({ shards: all, failover }: Result): Result["shards"] {
  const notable = all.filter(
    ({ primary, replicas }) => primary === failover.promoted?.to || replicas.length === 0,
  );
  const chosen = new Set([...new Set([...notable, ...all])].slice(0, SHARDS_MAX));
  return all.filter((shard) => chosen.has(shard));
}

/** Not wrapped: the command is there to be copied. */
function ending({ verdict, scenario, durationMs, replay }: Result, paint: Paint): string[] {
  const look = verdictLook(verdict, paint);
  return [
    `${look.paint(paint.strong(`${look.mark} ${look.word}`))}  ${scenario}, ${formatMs(durationMs)}`,
    `  ${paint.faint("again:")} ${paint.accent(replay)}`,
  ];
}

function label(text: string, paint: Paint): string {
  return paint.strong(text) + " ".repeat(Math.max(1, LABEL_WIDTH - text.length));
}
