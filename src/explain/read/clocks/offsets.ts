import type { ClockOffset, Contradiction, ExplainedNode, NodeId } from "../../model.ts";
import type { NodesFound } from "../nodes.ts";
import type { Stream } from "../streams.ts";
import { Bounds } from "./bounds.ts";
import { type Moment, momentsOf, type Pair } from "./moments.ts";
import { sentinelPairs } from "./sentinel-pairs.ts";
import { serverPairs } from "./server-pairs.ts";

/** What a node's lines say of its clock alone. */
interface Clock {
  readonly node: ExplainedNode;
  /** Its times are UTC, or their zone is known. */
  readonly isUtc: boolean;
  readonly zoneMs?: number;
  pairs: number;
  contradictedMs: number;
  readonly contradictions: Contradiction[];
}

/** Times are written in whole units, cut off. */
const ROUNDING_MS = 2;
const MOST_PAIRS = 20_000;
const MOST_CONTRADICTIONS = 20;
/**
 * Messages of a busy machine take that much longer than as a rule: clocks that may be one are taken for one all the
 * same.
 */
const BUSY_MS = 250;
/** A message within one network, with what rounding allows. */
const QUICK_MS = 3;
const QUARTER_HOUR_MS = 15 * 60_000;

/** How far each node's clock is ahead of the common one, by all pairs of lines that must follow each other. */
export function offsetsOf(streams: readonly Stream[], found: NodesFound): ClockOffset[] {
  const clocks = found.nodes
    .filter(({ files }) => files.length > 0)
    .map((node) => clockOf(node, streams, found));
  const at = new Map<NodeId, number>(clocks.map(({ node }, index) => [node.id, index]));
  const moments = momentsOf(streams, found);
  const all = [...sentinelPairs(moments), ...serverPairs(streams, found, moments)];
  const pairs = all
    .filter(({ before, after }) => at.has(before.node) && at.has(after.node) && before.node !== after.node)
    .toSorted((a, b) => Number(b.sure) - Number(a.sure) || a.before.at - b.before.at)
    .slice(0, MOST_PAIRS);
  const { hard, kept } = hardBounds(clocks, pairs, at);
  return estimated(clocks, hard, softBounds(hard, kept, at));
}

function clockOf(node: ExplainedNode, streams: readonly Stream[], { idOf }: NodesFound): Clock {
  const own = streams.filter((stream) => idOf(stream) === node.id);
  const zones = own.flatMap(({ zoneMs, zoned }) => zoneMs ?? (zoned ? 0 : []));
  const isUtc = own.every(({ zoneMs, zoned }) => zoned || zoneMs !== undefined);
  return {
    node,
    isUtc,
    ...(zones[0] !== undefined && { zoneMs: zones[0] }),
    pairs: 0,
    contradictedMs: 0,
    contradictions: [],
  };
}

function hardBounds(clocks: readonly Clock[], pairs: readonly Pair[], at: ReadonlyMap<NodeId, number>) {
  const hard = new Bounds(clocks.length);
  const kept: Pair[] = [];
  for (const pair of pairs) {
    const [from, to] = [at.get(pair.before.node) ?? 0, at.get(pair.after.node) ?? 0];
    const most = pair.after.at - pair.before.at + pair.after.precisionMs + ROUNDING_MS;
    const [first, second] = [clocks[from] as Clock, clocks[to] as Clock];
    first.pairs += 1;
    second.pairs += 1;
    const byMs = hard.excess(from, to, most);
    if (byMs === 0) {
      hard.add(from, to, most, kept.length);
      kept.push(pair);
      continue;
    }
    const against = hard.reasons(to, from).flatMap((index) => kept[index] ?? []);
    contradict([first, second], contradiction(pair, against, byMs, clocks, at));
  }
  return { hard, kept };
}

function contradict(clocks: readonly Clock[], found: Contradiction): void {
  for (const clock of clocks) {
    clock.contradictedMs = Math.max(clock.contradictedMs, found.byMs);
    if (clock.contradictions.length < MOST_CONTRADICTIONS) clock.contradictions.push(found);
  }
}

function contradiction(
  pair: Pair,
  against: readonly Pair[],
  byMs: number,
  clocks: readonly Clock[],
  at: ReadonlyMap<NodeId, number>,
): Contradiction {
  const label = ({ node }: Moment) => clocks[at.get(node) ?? -1]?.node.label ?? node;
  const said = ({ before, after }: Pair) =>
    `${label(before)} wrote "${before.line.text}" before ${label(after)} wrote "${after.line.text}"`;
  const others = against.length === 0 ? "its clock" : against.slice(0, 3).map(said).join("; ");
  const all = [pair, ...against].flatMap(({ before, after }) => [before, after]);
  return {
    byMs,
    text: `${said(pair)}. With clocks that run evenly that is ${Math.round(byMs)} ms off, since ${others}.`,
    lines: all.map(({ line }) => line),
    nodes: [...new Set(all.map(({ node }) => node))],
  };
}

/** What as a rule does not take long, as far as it contradicts nothing. */
function softBounds(hard: Bounds, pairs: readonly Pair[], at: ReadonlyMap<NodeId, number>): Bounds {
  const soft = hard.copy();
  const quick = pairs.filter((pair) => pair.soonMs !== undefined);
  for (const { before, after, soonMs = 0 } of quick.toSorted((a, b) => (a.soonMs ?? 0) - (b.soonMs ?? 0))) {
    const [from, to] = [at.get(before.node) ?? 0, at.get(after.node) ?? 0];
    const most = before.at - after.at + soonMs + before.precisionMs + ROUNDING_MS;
    if (soft.excess(to, from, most) === 0) soft.add(to, from, most);
  }
  return soft;
}

/** The clock that is known best is the common one; the others one after the other, those that are known best first. */
function estimated(clocks: readonly Clock[], hard: Bounds, soft: Bounds): ClockOffset[] {
  const offsets = new Map<number, ClockOffset>();
  const left = new Set(clocks.keys());
  for (let isFirst = true; left.size > 0; isFirst = false) {
    const reference = best([...left], clocks);
    left.delete(reference);
    offsets.set(
      reference,
      offset(clocks[reference] as Clock, 0, isFirst ? 0 : null, isFirst ? "reference" : "untied"),
    );
    const [fixedHard, fixedSoft] = [hard.copy(), soft.copy()];
    const width = (node: number) => fixedHard.most(reference, node) - fixedHard.least(reference, node);
    const isTied = (node: number) =>
      fixedHard.most(reference, node) < Infinity || fixedHard.most(node, reference) < Infinity;
    // Each that is placed may tie others.
    for (;;) {
      const [node] = [...left].filter(isTied).toSorted((a, b) => width(a) - width(b) || a - b);
      if (node === undefined) break;
      left.delete(node);
      const clock = clocks[node] as Clock;
      const bothUtc = clock.isUtc && (clocks[reference]?.isUtc ?? false);
      const { value, isOne } = guess(reference, node, fixedHard, fixedSoft, bothUtc);
      const errorMs = Math.max(hard.most(reference, node) - value, value - hard.least(reference, node), 0);
      const known = isFirst && errorMs < Infinity ? errorMs + clock.contradictedMs : null;
      offsets.set(node, offset(clock, value, known, isOne ? "one-clock" : "pairs"));
      for (const bounds of [fixedHard, fixedSoft]) {
        if (bounds.excess(reference, node, value) === 0) bounds.add(reference, node, value);
        if (bounds.excess(node, reference, -value) === 0) bounds.add(node, reference, -value);
      }
    }
  }
  return [...clocks.keys()].flatMap((node) => offsets.get(node) ?? []);
}

/** Clocks that may show the same time do: most are kept in step. Where they cannot, the middle of what remains. */
function guess(reference: number, node: number, hard: Bounds, soft: Bounds, bothUtc: boolean) {
  const [low, high] = [hard.least(reference, node), hard.most(reference, node)];
  const [softLow, softHigh] = [soft.least(reference, node), soft.most(reference, node)];
  const about = likely({ low, high, softLow, softHigh });
  const same = bothUtc ? 0 : Math.round(about / QUARTER_HOUR_MS) * QUARTER_HOUR_MS + 0; // never -0
  const isOne = same >= low && same <= high && same >= softLow - BUSY_MS && same <= softHigh + BUSY_MS;
  return { value: isOne ? same : about, isOne };
}

/**
 * Between two limits that are certain, the middle; a message takes little, so near one that is certain if the other is
 * not.
 */
function likely({
  low,
  high,
  softLow,
  softHigh,
}: Record<"low" | "high" | "softLow" | "softHigh", number>): number {
  if (softLow === -Infinity) return softHigh - QUICK_MS;
  if (softHigh === Infinity) return softLow + QUICK_MS;
  const half = (softHigh - softLow) / 2;
  const isLowCertain = softLow - low < 1;
  const isHighCertain = high - softHigh < 1;
  if (isHighCertain && !isLowCertain) return softHigh - Math.min(half, QUICK_MS);
  if (isLowCertain && !isHighCertain) return softLow + Math.min(half, QUICK_MS);
  return softLow + half;
}

function best(nodes: readonly number[], clocks: readonly Clock[]): number {
  const worth = (node: number) => {
    const { isUtc, pairs } = clocks[node] as Clock;
    return (isUtc ? 1e9 : 0) + pairs;
  };
  return nodes.reduce((a, b) => (worth(b) > worth(a) ? b : a));
}

function offset(
  { node, pairs, zoneMs, contradictions }: Clock,
  offsetMs: number,
  errorMs: number | null,
  by: ClockOffset["by"],
): ClockOffset {
  return {
    node: node.id,
    offsetMs,
    errorMs,
    by,
    pairs,
    ...(zoneMs !== undefined && { zoneMs }),
    contradictions,
  };
}
