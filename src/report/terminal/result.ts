import type { Result } from "../../model/result.ts";
import { acceptedWords, replicationNotes } from "../accepted-words.ts";
import { isOnlyOfApp } from "../app-words.ts";
import { outageWords } from "../outage-words.ts";
import { stallWords } from "../stall-words.ts";
import { unreadWords } from "../unread-words.ts";
import { appLines, paintedWords } from "./app.ts";
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
 * Draws a result for a person: what was found, how the failover went, how long users were affected, what became
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
    ...(isOnlyOfApp(shown) ? [] : [outage(shown, paint)]),
    appLines(shown, paint, width),
    ...(isOnlyOfApp(shown) ? [] : [writes(shown, paint, width), traffic(shown, paint, width)]),
    shards(shown, paint, width),
    checkLines(shown.checks, paint, width),
  ];
  const lines = [
    ...stallWords(shown).flatMap((text) => hanging(paint.doubt("! "), text, width).map(paint.doubt)),
    ...headline(shown, paint, width),
    ...sections.filter((lines) => lines.length > 0).flatMap((lines) => [...indent(lines, MARGIN), ""]),
    ...indent(unverified(shown, paint, width), MARGIN),
    ...ending(shown, paint, width),
  ];
  return `${spaced(lines.join("\n"))}\n`;
}

/** The width to draw at on a terminal that has `columns`. */
export function drawnWidth(columns: number = WIDTH.default): number {
  return Math.min(WIDTH.max, Math.max(WIDTH.min, columns));
}

function headline(result: Result, paint: Paint, width: number): string[] {
  return verdictLines(result, paint.strong(result.scenario), paint, width);
}

/**
 * The verdict, the words for what became of an application, and what is told beside it; where the drill let something
 * go, that comes first, and the rest on a line of its own.
 */
function verdictLines(result: Result, about: string, paint: Paint, width: number): string[] {
  const look = verdictLook(result.verdict, paint);
  const verdict = look.paint(paint.strong(`${look.mark} ${look.word}`));
  const words = paintedWords(result, paint);
  const more = words === "" ? about : `${words}  ${about}`;
  const accepted = acceptedWords(result);
  if (accepted === "") return [`${verdict}  ${more}`];
  const [first = "", ...rest] = hanging("", `${look.word}${accepted}`, width - MARGIN);
  return [`${verdict}${first.slice(look.word.length)}`, ...indent([...rest, more], MARGIN)];
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

function writes(result: Result, paint: Paint, width: number): string[] {
  const counts = result.writes;
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
  const notes = replicationNotes(result).flatMap((note) =>
    hanging(`${paint.accent("→")} `, note, width - MARGIN),
  );
  const table = tableLines(columns, rows, { width: width - MARGIN });
  return [paint.strong("Writes"), ...indent([...table, ...notes], MARGIN)];
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
  const { moved, ask } = redirects;
  if (moved === null || ask === null) {
    lines.push(...hanging(label("Redirects", paint), "not told by the client library", width));
  } else if (topology.kind === "cluster" || moved + ask > 0) {
    const followed = `${formatNumber(moved)} MOVED · ${formatNumber(ask)} ASK`;
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

/** Why nobody can tell whether the history is whole, where nobody can. */
function unverified({ history }: Result, paint: Paint, width: number): string[] {
  if (history === undefined || history.note === null) return [];
  return [...hanging(`${paint.doubt("!")} `, history.note, width), ""];
}

/** Not wrapped: the command is there to be copied. */
function ending(result: Result, paint: Paint, width: number): string[] {
  const { scenario, durationMs, replay } = result;
  return [
    ...verdictLines(result, `${scenario}, ${formatMs(durationMs)}`, paint, width),
    `  ${paint.faint("again:")} ${paint.accent(replay)}`,
  ];
}

function label(text: string, paint: Paint): string {
  return paint.strong(text) + " ".repeat(Math.max(1, LABEL_WIDTH - text.length));
}
