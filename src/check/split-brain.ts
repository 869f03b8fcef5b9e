import { PrimaryTracker } from "../base/primary-tracker.ts";
import { shardOfKey } from "../base/slots.ts";
import type { Operation } from "../history/operations.ts";
import { type Facts, shardOfNode } from "./facts.ts";
import { once } from "./once.ts";
import { type OwnWriteCount, ownWriteCountOf } from "./own-write-count.ts";
import { roleStory } from "./role-story.ts";

/** A primary that another was promoted in place of, and what it did from then on. Times in ns on the run's clock. */
export interface Superseded {
  readonly node: string;
  /** Who was promoted. */
  readonly by: string;
  readonly promotedAt: number;
  /** When it was seen as a replica, or was promoted itself; absent: not in this run. */
  readonly endedAt?: number;
  /** How long it was seen to call itself primary beside the other. */
  readonly asPrimaryMs: number;
  /** From the time at which both were primaries to the last write that it took; 0 if it took none. */
  readonly splitMs: number;
  /** Writes that it acknowledged to the drill's clients after the promotion. */
  readonly writes: readonly Operation[];
  /** Sent before the promotion, acknowledged by it right after: perhaps done before. */
  readonly doubtful: readonly Operation[];
  /** Acknowledged in that time by nobody knows whom: the client library does not tell. */
  readonly unattributed: readonly Operation[];
  /** What it wrote by its own counters. */
  readonly own: OwnWriteCount;
}

/**
 * The primaries that were superseded, in order of the promotions.
 *
 *     X primary ───────(paused, cut off, restarted)──────── acknowledges ─ acknowledges ──▶ replica
 *     Y replica ─────────── promoted ─────────────────────────────────────────────────────▶
 *                             └─ X is superseded ──────────── these it should not have taken ─┘
 */
export const supersededPrimaries = once((facts: Facts): readonly Superseded[] =>
  displacements(facts).map((displaced) => whatItDid(facts, displaced)),
);

/** Had another been promoted in place of that node, by that time, and was the place not its own again? */
export function isSupersededAt(facts: Facts, node: string, at: number): boolean {
  return supersededPrimaries(facts).some(
    (one) => one.node === node && one.promotedAt < at && (one.endedAt ?? Infinity) > at,
  );
}

function whatItDid(facts: Facts, displaced: Displacement): Superseded {
  const { node, by, promotedAt, endedAt, untilAt = Infinity, aliveAt } = displaced;
  const own = ownWriteCountOf(facts, node, promotedAt);
  const writes: Operation[] = [];
  const doubtful: Operation[] = [];
  const unattributed: Operation[] = [];
  const shard = shardOfNode(facts, node);
  const suspectedFrom = aliveAt === undefined || own.most === 0 ? Infinity : heldUntil(facts, displaced);
  for (const operation of facts.operations) {
    const { outcome, invokedAt, completedAt = 0 } = operation;
    if (outcome !== "ok" || completedAt <= promotedAt || !changesData(operation)) continue;
    if (operation.node === node && completedAt <= untilAt) {
      // One that did not answer when the other was promoted did then what it acknowledges later.
      const isSure = invokedAt > promotedAt || !displaced.answeredThen;
      (isSure ? writes : doubtful).push(operation);
    } else if (operation.node === undefined) {
      const inTime = completedAt > suspectedFrom && completedAt <= (endedAt ?? facts.endedAt);
      if (inTime && shardOfKey(operation.key, facts.header.topology.shards) === shard)
        unattributed.push(operation);
    }
  }
  const took = writes.map(({ completedAt = 0 }) => completedAt);
  const lastAt = took.reduce((a, b) => Math.max(a, b), own.lastWriteAt ?? 0);
  const firstAt = took.reduce((a, b) => Math.min(a, b), aliveAt ?? Infinity);
  return {
    node,
    by,
    promotedAt,
    endedAt,
    asPrimaryMs: displaced.asPrimaryNs / 1e6,
    splitMs: Math.max(0, lastAt - firstAt) / 1e6,
    writes,
    doubtful,
    unattributed,
    own,
  };
}

/** Until when a fault kept it from answering that had done so when the other was promoted. */
function heldUntil(facts: Facts, { node, promotedAt, answeredThen }: Displacement): number {
  if (answeredThen) return promotedAt;
  const held = facts.faults.filter(
    ({ targets, injectAt, healAt = facts.endedAt }) =>
      targets.includes(node) && injectAt < promotedAt && healAt > promotedAt,
  );
  return Math.max(promotedAt, ...held.map(({ healAt = facts.endedAt }) => healAt));
}

/** Operations that change data, as workloads call them: `write`, or a command's name. */
const CHANGES = new Set(
  (
    "acquire release append cas open transfer add set incr incrby del hset hdel rpush lset lrem blmove blpop " +
    "sadd srem zadd zincrby xadd xack xgroup xreadgroup xautoclaim"
  ).split(" "),
);

/** Of those that may end well without having changed anything: what they return when they have. */
const DONE: Readonly<Record<string, string>> = { cas: "true", transfer: "done" };

/** Did it change data, or try to? */
export function changesData({ f, result }: Operation): boolean {
  if (f === "write") return true;
  const whenDone = DONE[f];
  return CHANGES.has(f) && (whenDone === undefined ? result !== null : result === whenDone);
}

/** The time for which a primary was superseded. */
interface Displacement {
  readonly node: string;
  readonly by: string;
  readonly promotedAt: number;
  /** It answered a look just before the promotion. */
  readonly answeredThen: boolean;
  /** When it was seen as a replica, or its place was its own again. */
  endedAt?: number;
  /** When its place was its own again: until then it should have acknowledged no write. */
  untilAt?: number;
  /** First time since the promotion at which it is known to be alive. */
  aliveAt?: number;
  asPrimaryNs: number;
  asPrimarySince?: number;
}

/** Plays all topology events. */
function displacements(facts: Facts): Displacement[] {
  const { kind } = facts.header.topology;
  const primaryTracker = new PrimaryTracker(kind, (node) => shardOfNode(facts, node));
  const reachable = new Set<string>();
  const isPrimary = new Set<string>();
  const found: Displacement[] = [];
  const current = new Map<string, Displacement>();

  for (const event of roleStory(facts).events) {
    const { subject, to, at } = event;
    if (event.event === "reachable" && subject !== undefined) {
      if (to === "yes") reachable.add(subject);
      else for (const seen of [reachable, isPrimary]) seen.delete(subject); // its role is told again when it answers
    }
    if (event.event === "role" && subject !== undefined) {
      if (to === "primary") isPrimary.add(subject);
      else isPrimary.delete(subject);
    }
    const promotion = primaryTracker.take(event);
    if (promotion)
      for (const displaced of found) if (displaced.node === promotion.by) displaced.untilAt ??= at;
    for (const node of promotion?.replaced ?? []) {
      if (current.has(node)) continue; // superseded already, by an earlier one
      const answeredThen = reachable.has(node);
      const begun: Displacement = {
        node,
        by: promotion?.by ?? "",
        promotedAt: at,
        answeredThen,
        asPrimaryNs: 0,
        ...(answeredThen && { aliveAt: at, asPrimarySince: at }),
      };
      found.push(begun);
      current.set(node, begun);
    }
    for (const [node, displaced] of current) {
      const alive = reachable.has(node);
      if (alive) displaced.aliveAt ??= at;
      const isOver = primaryTracker.successorOf(node) === undefined;
      if (alive && isPrimary.has(node) && !isOver) displaced.asPrimarySince ??= at;
      else if (displaced.asPrimarySince !== undefined) {
        displaced.asPrimaryNs += at - displaced.asPrimarySince;
        displaced.asPrimarySince = undefined;
      }
      if (isOver) {
        displaced.endedAt = at;
        if (isPrimary.has(node)) displaced.untilAt = at;
        current.delete(node);
      }
    }
  }
  for (const displaced of current.values()) {
    if (displaced.asPrimarySince !== undefined)
      displaced.asPrimaryNs += facts.endedAt - displaced.asPrimarySince;
  }
  return found;
}
