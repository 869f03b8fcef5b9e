/*
 *   sends due  │││││││││         │││││││││││││││││
 *   observed   └───────┘ ◀─gap─▶ └───────────────┘
 */
import { countWhile } from "../base/count-while.ts";
import { shardOfKey } from "../base/slots.ts";
import type { Operation } from "../history/operations.ts";
import { STALL_MS } from "../service/limits.ts";
import { dueAt } from "../service/operation.ts";
import type { Kind } from "../service/stream.ts";
import type { Facts } from "./facts.ts";
import { once } from "./once.ts";
import type { Span } from "./span.ts";
import { unobserved } from "./stalls.ts";

export type { Kind };

/** Operations of the probe, in order of invocation; in a cluster with the shard of each. */
export interface Stream {
  readonly operations: readonly Operation[];
  readonly shards: readonly (number | undefined)[];
}

/** The operations of the probe: sent at a fixed rate, never waiting. */
export const probeOperations = once((facts: Facts): readonly Operation[] =>
  facts.operations.filter((operation) => operation.client === "probe"),
);

/** The same, writes and reads apart. */
export const streamsOf = once((facts: Facts): Readonly<Record<Kind, Stream>> => {
  const { shards } = facts.header.topology;
  const stream = (f: string): Stream => {
    const operations = probeOperations(facts).filter((operation) => operation.f === f);
    return {
      operations,
      shards: shards.length > 0 ? operations.map(({ key }) => shardOfKey(key, shards)) : [],
    };
  };
  return { writes: stream("write"), reads: stream("read") };
});

/**
 * The times over which the probe really sent writes, or reads: from the first that was due to the last, without the
 * times in which it was stopped. One that was held up, since the tool itself stood still, was not stopped: what that
 * hides, the rules for stalls say.
 */
export function observedBy(facts: Facts, kind: Kind): readonly Span[] {
  return sentOver(facts)[kind];
}

/**
 * The longest time within `from` to `to` in which nothing that was due could have shown an outage: between two sends,
 * or before the first of them, or after the last. Infinite where nothing was due before `from`: how an outage began is
 * then not known.
 *
 * @param shard only what was sent to its keys; undefined: all
 */
export function longestSilence(facts: Facts, kind: Kind, { from, to }: Span, shard?: number): Span {
  const observed = observedBy(facts, kind);
  const isSeen = (at: number) => observed.some((one) => at >= one.from && at <= one.to);
  const dues = duesOf(facts)[kind].get(shard) ?? [];
  let at = countWhile(dues, (due) => due <= from) - 1;
  while (at >= 0 && !isSeen(dues[at] as number)) at -= 1;
  let last = dues[at] ?? -Infinity;
  let longest: Span = { from: last, to: last };
  const take = (next: number) => {
    if (longest.to === longest.from || next - last > longest.to - longest.from)
      longest = { from: last, to: next };
    last = next;
  };
  for (at += 1; at < dues.length && last < to; at += 1)
    if (isSeen(dues[at] as number)) take(dues[at] as number);
  if (last < to) take(to);
  return longest;
}

/** When each operation was due, by shard; under `undefined` all of them. */
const duesOf = once((facts: Facts): Readonly<Record<Kind, ReadonlyMap<number | undefined, number[]>>> => {
  const of = ({ operations, shards }: Stream) => {
    const dues = new Map<number | undefined, number[]>([[undefined, duesInOrder(operations)]]);
    for (const [n, shard] of shards.entries()) {
      if (shard === undefined) continue;
      const own = dues.get(shard) ?? [];
      own.push(Math.max(own.at(-1) ?? 0, dueAt(operations[n] as Operation)));
      dues.set(shard, own);
    }
    return dues;
  };
  const { writes, reads } = streamsOf(facts);
  return { writes: of(writes), reads: of(reads) };
});

/** Operations stand in the order in which they were sent; one that was sent late was due before others. */
function duesInOrder(operations: readonly Operation[]): number[] {
  let latest = 0;
  return operations.map((operation) => {
    latest = Math.max(latest, dueAt(operation));
    return latest;
  });
}

/** When the last of them was due; `-Infinity`: none was sent. */
export function lastDue(facts: Facts, kind: Kind): number {
  return duesOf(facts)[kind].get(undefined)?.at(-1) ?? -Infinity;
}

const sentOver = once((facts: Facts): Readonly<Record<Kind, readonly Span[]>> => {
  const { writes, reads } = streamsOf(facts);
  return { writes: intervalsOf(facts, writes), reads: intervalsOf(facts, reads) };
});

/** A probe that sends so many times more seldom than before and after was stopped. */
const STOPPED_FACTOR = 3;
/** Its rate is told by so many operations before and after. */
const NEIGHBOURS = 10;

function intervalsOf(facts: Facts, { operations }: Stream): Span[] {
  const dues = duesInOrder(operations);
  const intervals: Span[] = [];
  let from = dues[0];
  for (let at = 1; at <= dues.length && from !== undefined; at += 1) {
    const [before, next] = [dues[at - 1] as number, dues[at]];
    if (next !== undefined && !wasStopped(facts, dues, at, operations[at] as Operation)) continue;
    // Until its next would have been due, it was running.
    intervals.push({ from, to: before + reach(dues, at) });
    from = next;
  }
  return intervals;
}

/** Was the probe stopped between the operation before that place and the one there? */
function wasStopped(facts: Facts, dues: readonly number[], at: number, { workload }: Operation): boolean {
  const [before, next] = [dues[at - 1] as number, dues[at] as number];
  if (next - before <= STALL_MS * 1e6) return false;
  const restarted = startsOf(facts).some(
    (start) => start.workload === workload && start.at > before && start.at <= next,
  );
  const heldUp = unobserved(facts, { from: before, to: next });
  if (!restarted && next - before - heldUp <= STALL_MS * 1e6) return false;
  const after = typicalStep(dues, at, at + NEIGHBOURS);
  const usual = Math.max(typicalStep(dues, at - 1 - NEIGHBOURS, at - 1), after);
  return restarted || next - before > STOPPED_FACTOR * usual;
}

const startsOf = once((facts: Facts) =>
  facts.observations("workload").filter(({ phase }) => phase === "start"),
);

/**
 * How long after its last operation a probe was surely still running: no longer than it left between two, or than any
 * outage.
 */
function reach(dues: readonly number[], at: number): number {
  return Math.max(STALL_MS * 1e6, typicalStep(dues, at - 1 - NEIGHBOURS, at - 1));
}

/** Median of the times between operations from one place to another. */
function typicalStep(dues: readonly number[], from: number, to: number): number {
  const steps: number[] = [];
  for (let at = Math.max(0, from); at < Math.min(to, dues.length - 1); at += 1)
    steps.push((dues[at + 1] as number) - (dues[at] as number));
  return steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
}
