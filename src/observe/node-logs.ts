/*
 *   DEBUG LOG "valkey-drill …" at the start and at the end ──▶ a line with the server's wall clock, at a known time of ours
 *   CONFIG GET logfile ──▶ standard output, or a file, in either format, which may change from line to line
 *   the log ──lines that tell of elections──▶ log-event, its wall clock mapped onto the run's clock
 */

import { randomBytes } from "node:crypto";
import { logEventOf } from "../base/log-events.ts";
import { inUtc, type LogLine, parseLog } from "../base/log-lines.ts";
import { messageOf } from "../model/errors.ts";
import type { LogEventData } from "../model/observed.ts";
import type { NodePlan, Plan } from "../model/plan.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import { isDevice, type LogPlace, logPlaceOf, tooQuiet } from "./log-places.ts";

/** A mark that nobody could place so well is not used: the wall clock was set meanwhile, or the machine stood still. */
const ERROR_MAX_MS = 50;
const MARK_MS = 1000;
/** What a node writes while it is started belongs to its log; what is in the file from earlier days does not. */
const BEFORE_MS = 120_000;

/** What a node's own log tells of elections and promotions, on the run's clock. */
export interface LogReader {
  /** Writes a mark into each node's log: once at the start, once at the end. A node that does not answer has none. */
  mark(): Promise<void>;
  /** The events of each node that was marked; `why` tells of a node of which there are none, or not all. */
  read(): Promise<ReadLogs>;
}

export interface ReadLogs {
  readonly events: LogEventData[];
  readonly why: Record<string, string>;
  /**
   * Own lines of each node that does not write to standard output, to be kept with the run: the file may lie anywhere.
   */
  readonly elsewhere: Record<string, string>;
}

export interface LogReaderOptions {
  /** Names of the data nodes. */
  readonly nodes: readonly string[];
  /** Names of the Sentinels. Nothing can be marked in their logs: they are read where all data nodes have one clock. */
  readonly sentinels?: readonly string[];
  /** Name of the node with that cluster id. */
  readonly nameOf?: (id: string) => string | undefined;
  readonly admins: AdminPool;
  /** What a node wrote to its standard output so far. */
  readonly logOf: (node: string) => Promise<string>;
  /** The text of a file of the node's machine, by its absolute path. */
  readonly fileOf: (node: string, path: string) => Promise<string>;
  readonly now: () => number;
}

/** Whose logs of a plan are read. */
export function loggedNodes({ nodes }: Plan): Pick<LogReaderOptions, "nodes" | "sentinels" | "nameOf"> {
  const named = (program: NodePlan["program"]) =>
    nodes.filter((node) => node.program === program).map(({ name }) => name);
  return {
    nodes: named("server"),
    sentinels: named("sentinel"),
    nameOf: (id) => nodes.find((node) => node.id === id)?.name,
  };
}

interface Mark {
  readonly text: string;
  /** ns on the run's clock, in the middle between sending and the answer. */
  readonly at: number;
  /** The same by our own wall clock, ms. */
  readonly wallMs: number;
  readonly errorMs: number;
}

/**
 * Logs carry the server's wall clock, in its own time zone. `DEBUG LOG` writes a line of ours at a time that we know,
 * so the difference of the clocks is known to the length of that call.
 */
export function logReader({
  nodes,
  sentinels = [],
  nameOf = () => undefined,
  admins,
  logOf,
  fileOf,
  now,
}: LogReaderOptions): LogReader {
  const marks = new Map<string, Mark[]>();
  const places = new Map<string, LogPlace[]>();
  const why: Record<string, string> = {};
  // a file that others write as well, or wrote before, holds marks of theirs
  const tag = randomBytes(4).toString("hex");
  let round = 0;

  async function markOne(node: string): Promise<void> {
    const place = await logPlaceOf(admins.of(node));
    places.set(node, [...(places.get(node) ?? []), place]);
    const quiet = tooQuiet(place);
    if (quiet) why[node] = quiet;
    const text = `valkey-drill mark ${round} of ${node}, ${tag}`;
    const sentAt = now();
    try {
      await admins.of(node).call(["DEBUG", "LOG", text], MARK_MS);
    } catch (error) {
      why[node] = `its clock is not known: ${messageOf(error)}`;
      return;
    }
    const [at, errorMs] = [(sentAt + now()) / 2, (now() - sentAt) / 2e6];
    marks.set(node, [...(marks.get(node) ?? []), { text, at, wallMs: Date.now() - errorMs, errorMs }]);
  }

  /** What the node printed, and what its files hold; what cannot be read is empty, and `why` tells. */
  async function textOf(node: string): Promise<{ printed: string; files: string[] }> {
    const read = (text: Promise<string>) =>
      text.catch((error: unknown) => {
        why[node] = `its log cannot be read: ${messageOf(error)}`;
        return "";
      });
    const printed = await read(logOf(node));
    const files: string[] = [];
    for (const path of filesOf(places.get(node) ?? [])) files.push(await read(fileOf(node, path)));
    return { printed, files };
  }

  async function logOfNode(node: string): Promise<NodeLog> {
    const own = marks.get(node) ?? [];
    const { printed, files } = await textOf(node);
    const about = ({ text }: LogLine) => own.find((mark) => text.includes(mark.text))?.wallMs;
    const fromFiles = inUtc(ownLines(files.flatMap(parseLog), own), about).lines.filter(
      ({ wallMs }) => wallMs > (own[0]?.wallMs ?? Infinity) - BEFORE_MS, // others may have written it before
    );
    const { lines: fromOutput, zoneMs } = inUtc(parseLog(printed), about);
    const lines = [...fromOutput, ...fromFiles];
    const clock = clockOf(lines, own);
    if (own.length === 0) why[node] ??= "it was not marked";
    else if (clock === undefined) why[node] ??= notFound(places.get(node) ?? []);
    else if (clock.errorMs > ERROR_MAX_MS)
      why[node] = `its clock is known to ${Math.round(clock.errorMs)} ms only`;
    return {
      node,
      lines,
      clock,
      zoneMs,
      elsewhere: fromFiles.length > 0 ? textFrom(files, fromFiles) : undefined,
    };
  }

  return {
    mark: async () => {
      round += 1;
      await Promise.all(nodes.map(markOne));
    },
    read: async () => {
      const logs = await Promise.all(nodes.map(logOfNode));
      const clocks = logs.flatMap(({ clock }) => clock ?? []);
      const [best] = clocks.toSorted((a, b) => a.errorMs - b.errorMs);
      const events = logs.flatMap(({ node, lines, clock }) => {
        if (clock === undefined || clock.errorMs > ERROR_MAX_MS) return [];
        return eventsOf(node, lines, best && isSame(clock, best) ? best : clock, nameOf);
      });
      const shared = best && clocks.every((clock) => isSame(clock, best)) ? best : undefined;
      const zone = logs.find(({ zoneMs }) => zoneMs !== undefined)?.zoneMs;
      if (shared) {
        for (const node of sentinels) {
          const lines = linesInZone(parseLog((await textOf(node)).printed), zone);
          events.push(...eventsOf(node, lines, shared, nameOf));
        }
      }
      const elsewhere = Object.fromEntries(
        logs.flatMap(({ node, elsewhere: text }) => (text === undefined ? [] : [[node, text]])),
      );
      return { events: events.sort((a, b) => a.at - b.at), why, elsewhere };
    },
  };
}

interface NodeLog {
  readonly node: string;
  /** With their times in UTC. */
  readonly lines: readonly LogLine[];
  /** Absent: it is not known. */
  readonly clock: Clock | undefined;
  /** How far its own zone is ahead of UTC; absent: it tells the zone itself, or nothing tells it. */
  readonly zoneMs: number | undefined;
  readonly elsewhere: string | undefined;
}

/**
 * Lines of a Sentinel, in which nothing is marked: it is in the zone of the data nodes. Where nobody knows that, they
 * say no time.
 */
function linesInZone(lines: readonly LogLine[], zoneMs: number | undefined): LogLine[] {
  return lines.flatMap((line) => {
    if (line.zoned) return [line];
    return zoneMs === undefined ? [] : [{ ...line, zoned: true, wallMs: line.wallMs - zoneMs }];
  });
}

function filesOf(places: readonly LogPlace[]): string[] {
  const paths = places.flatMap(({ path }) => (path === undefined || isDevice(path) ? [] : [path]));
  return [...new Set(paths)];
}

function notFound(places: readonly LogPlace[]): string {
  const to = [...new Set(places.map(({ path }) => path ?? "standard output"))].join(", then ");
  return `its log (${to}) does not hold the line that it was told to write`;
}

/**
 * Of a file that several nodes may write those lines that the node's own processes wrote: those that wrote the marks,
 * and (of a node that was started anew in between) all others that wrote no other node's.
 */
function ownLines(lines: readonly LogLine[], marks: readonly Mark[]): LogLine[] {
  const isMark = ({ text }: LogLine) => text.includes("valkey-drill mark ");
  const isOwn = ({ text }: LogLine) => marks.some((mark) => text.includes(mark.text));
  const own = new Set(lines.filter(isOwn).map(({ pid }) => pid));
  const others = new Set(lines.filter((line) => isMark(line) && !isOwn(line)).map(({ pid }) => pid));
  const shared = others.size > 0;
  return lines.filter(({ pid }) => own.has(pid) || (!shared && !others.has(pid)));
}

/** The text of these lines, as it stands in the files. */
function textFrom(files: readonly string[], lines: readonly LogLine[]): string {
  const pids = new Set(lines.map(({ pid }) => pid));
  return files
    .flatMap((text) => text.split("\n"))
    .filter((raw) => parseLog(raw).every(({ pid }) => pids.has(pid)))
    .join("\n");
}

interface Clock {
  /** The server's wall clock less ours. */
  readonly offsetMs: number;
  readonly errorMs: number;
}

function eventsOf(
  node: string,
  lines: readonly LogLine[],
  { offsetMs, errorMs }: Clock,
  nameOf: (id: string) => string | undefined,
): LogEventData[] {
  return lines.flatMap((line) => {
    const found = logEventOf(line.text, nameOf);
    const at = Math.round((line.wallMs - offsetMs) * 1e6);
    return found && at > 0 ? [{ node, at, errorMs: Math.ceil(errorMs * 10) / 10, ...found }] : [];
  });
}

/**
 * Nodes of one machine have one clock. The one that is known best then serves for all, so that their order is right.
 */
function isSame(a: Clock, b: Clock): boolean {
  return Math.abs(a.offsetMs - b.offsetMs) <= a.errorMs + b.errorMs;
}

/** By the marks, which must agree. A log has whole milliseconds. */
function clockOf(lines: readonly LogLine[], marks: readonly Mark[]): Clock | undefined {
  const offsets = marks.flatMap(({ text, at, errorMs }) => {
    const line = lines.find((one) => one.text.includes(text));
    return line ? [{ offsetMs: line.wallMs - at / 1e6, errorMs }] : [];
  });
  if (offsets.length === 0) return undefined;
  const least = Math.min(...offsets.map(({ offsetMs }) => offsetMs));
  const most = Math.max(...offsets.map(({ offsetMs }) => offsetMs));
  const errorMs = Math.max(...offsets.map((one) => one.errorMs)) + (most - least) / 2 + 0.5;
  return { offsetMs: (least + most) / 2, errorMs };
}
