/*
 *   DEBUG LOG "valkey-drill …" at the start and at the end ──▶ a line with the server's wall clock, at a known time of ours
 *   node.log ──lines that tell of elections──▶ log-event, its wall clock mapped onto the run's clock
 */

import { type LogLine, parseLog } from "../base/log-lines.ts";
import { messageOf } from "../model/errors.ts";
import type { LogEventData } from "../model/observed.ts";
import type { NodePlan, Plan } from "../model/plan.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import { logEventOf } from "./log-events.ts";

/** A mark that nobody could place so well is not used: the wall clock was set meanwhile, or the machine stood still. */
const ERROR_MAX_MS = 50;
const MARK_MS = 1000;

/** What a node's own log tells of elections and promotions, on the run's clock. */
export interface LogReader {
  /** Writes a mark into each node's log: once at the start, once at the end. A node that does not answer has none. */
  mark(): Promise<void>;
  /** The events of each node that was marked; `why` tells of a node of which there are none. */
  read(): Promise<{ events: LogEventData[]; why: Record<string, string> }>;
}

export interface LogReaderOptions {
  /** Names of the data nodes. */
  readonly nodes: readonly string[];
  /** Names of the Sentinels. Nothing can be marked in their logs: they are read where all data nodes have one clock. */
  readonly sentinels?: readonly string[];
  /** Name of the node with that cluster id. */
  readonly nameOf?: (id: string) => string | undefined;
  readonly admins: AdminPool;
  /** The text of a node's log so far. */
  readonly logOf: (node: string) => Promise<string>;
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
  readonly errorMs: number;
}

/**
 * Logs carry the server's wall clock, in its own time zone. `DEBUG LOG` writes a line of ours at a time that we know, so the difference
 * of the clocks is known to the length of that call.
 */
export function logReader({
  nodes,
  sentinels = [],
  nameOf = () => undefined,
  admins,
  logOf,
  now,
}: LogReaderOptions): LogReader {
  const marks = new Map<string, Mark[]>();
  const why: Record<string, string> = {};
  let round = 0;

  async function markOne(node: string): Promise<void> {
    const text = `valkey-drill mark ${round} of ${node}`;
    const sentAt = now();
    try {
      await admins.of(node).call(["DEBUG", "LOG", text], MARK_MS);
    } catch (error) {
      why[node] = `its clock is not known: ${messageOf(error)}`;
      return;
    }
    const [at, errorMs] = [(sentAt + now()) / 2, (now() - sentAt) / 2e6];
    marks.set(node, [...(marks.get(node) ?? []), { text, at, errorMs }]);
  }

  async function linesOf(node: string): Promise<LogLine[]> {
    try {
      return parseLog(await logOf(node));
    } catch (error) {
      why[node] = `its log cannot be read: ${messageOf(error)}`;
      return [];
    }
  }

  return {
    mark: async () => {
      round += 1;
      await Promise.all(nodes.map(markOne));
    },
    read: async () => {
      const logs = await Promise.all(nodes.map(async (node) => ({ node, lines: await linesOf(node) })));
      const clocks = logs.flatMap(({ node, lines }) => clockOf(lines, marks.get(node) ?? []) ?? []);
      const [best] = clocks.toSorted((a, b) => a.errorMs - b.errorMs);
      const events = logs.flatMap(({ node, lines }) => {
        const own = clockOf(lines, marks.get(node) ?? []);
        if (own === undefined || own.errorMs > ERROR_MAX_MS) {
          why[node] ??= own
            ? `its clock is known to ${Math.round(own.errorMs)} ms only`
            : "it was not marked";
          return [];
        }
        return eventsOf(node, lines, best && isSame(own, best) ? best : own, nameOf);
      });
      const shared = best && clocks.every((clock) => isSame(clock, best)) ? best : undefined;
      if (shared) {
        for (const node of sentinels) events.push(...eventsOf(node, await linesOf(node), shared, nameOf));
      }
      return { events: events.sort((a, b) => a.at - b.at), why };
    },
  };
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

/** Nodes of one machine have one clock. The one that is known best then serves for all, so that their order is right. */
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
