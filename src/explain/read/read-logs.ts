import { groupBy } from "../../base/group-by.ts";
import type {
  ClockOffset,
  ExplainedNode,
  LogInput,
  ReadOptions,
  ReadReport,
  SkippedInput,
} from "../model.ts";
import { keepAtMost, type LeftOut } from "./budget.ts";
import { offsetsOf } from "./clocks/offsets.ts";
import { eventsOf } from "./events.ts";
import { identify } from "./identify.ts";
import { sourcesOf } from "./inputs.ts";
import { type NodesFound, nodesOf } from "./nodes.ts";
import { readSource } from "./read-source.ts";
import { type SideInput, sideInput } from "./side/side-streams.ts";
import { type Stream, Streams } from "./streams.ts";

const MOST_EVENTS = 50_000;

/**
 * What logs of servers and Sentinels tell, however they come: files, folders, gzipped or not, rotated, mixed, with what
 * collectors put
 * before each line. Reads each input once, as a stream, in bounded memory. What is no log is named in `skipped`, never
 * an error.
 *
 * @example
 * const { nodes, events } = await readLogs(["logs/"]);
 */
export async function readLogs(inputs: readonly LogInput[], options: ReadOptions = {}): Promise<ReadReport> {
  const { now = Date.now(), maxEvents = MOST_EVENTS } = options;
  const skipped: SkippedInput[] = [];
  const warnings: string[] = [];
  const sides: SideInput[] = [];
  const leftOut: LeftOut = { minor: 0, others: 0, until: -Infinity };
  const totals = { bytes: 0, lines: 0, logLines: 0 };
  const streams = new Streams((all) => keepAtMost(all, maxEvents, leftOut), maxEvents);
  for (const source of await sourcesOf(inputs, skipped)) {
    const read = await readSource(source, streams, now);
    totals.bytes += read.bytes;
    totals.lines += read.lines;
    totals.logLines += read.logLines;
    if (read.warning !== undefined) warnings.push(read.warning);
    if (read.skipped) skipped.push(read.skipped);
    else if (read.text !== undefined) {
      const side = sideInput(source.name, read.text);
      if (side) sides.push(side);
      else skipped.push({ file: source.name, why: NO_LOG });
    }
  }
  streams.trim();
  const names = identify(streams.all, sides);
  const found = nodesOf(names, streams.all);
  const offsets = offsetsOf(streams.all, found);
  const events = eventsOf(streams.all, found, offsets, options);
  warnings.push(...limits(streams, leftOut, found.nodes));
  return { nodes: withSpans(found, streams.all, offsets), offsets, events, skipped, warnings, totals };
}

/** From when until when each node's own log goes, on the common clock. */
function withSpans(
  { nodes, idOf }: NodesFound,
  streams: readonly Stream[],
  offsets: readonly ClockOffset[],
): ExplainedNode[] {
  const offsetOf = new Map(offsets.map(({ node, offsetMs }) => [node, offsetMs]));
  const byNode = groupBy(streams, idOf);
  return nodes.map((node) => {
    const own = byNode.get(node.id);
    if (own === undefined) return node;
    const offsetMs = offsetOf.get(node.id) ?? 0;
    const from = own.reduce((least, { first }) => Math.min(least, first), Infinity) - offsetMs;
    const to = own.reduce((most, { last }) => Math.max(most, last), -Infinity) - offsetMs;
    return { ...node, span: { from, to } };
  });
}

const NO_LOG = "no line of a server or Sentinel stands in it";

function limits(
  { unplaced }: Streams,
  { minor, others, until }: LeftOut,
  nodes: readonly ExplainedNode[],
): string[] {
  const unknown = nodes.filter(({ identified }) => !identified).map(({ label }) => label);
  return [
    ...(unplaced > 0
      ? [`${unplaced} lines are of more processes than can be told apart, and were left out`]
      : []),
    ...(minor > 0 ? [`${minor} minor events were left out, since there were too many`] : []),
    ...(others > 0
      ? [`${others} events until ${new Date(until).toISOString()} were left out: name a shorter time`]
      : []),
    ...(unknown.length > 0 ? [`no line tells the address of ${unknown.join(", ")}`] : []),
  ];
}
