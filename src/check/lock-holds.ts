import { groupBy } from "../base/group-by.ts";
import type { Operation } from "../history/operations.ts";
import type { LockHeld, LockUse } from "../model/observed.ts";
import type { Facts } from "./facts.ts";

/** The time for which one session believed to hold a lock. ns on the run's clock. */
export interface Hold extends LockHeld {
  /** It released the lock, or stopped to believe, or the run ended. Not after `heldFrom`: it never believed. */
  readonly until: number;
  /** Who granted it, where that is known. */
  readonly node?: string;
}

/** Two sessions that believed to hold one lock at the same time. */
export interface Overlap {
  /** Who held it before. */
  readonly first: Hold;
  readonly second: Hold;
  readonly from: number;
  readonly until: number;
}

/** A token that was not higher than one that had been handed out before it was asked for, or than another's. */
export interface TokenFault {
  readonly before: Hold;
  readonly after: Hold;
}

/** Every lock that was granted, in the order in which the holders were told. */
export function holdsOf(facts: Facts): Hold[] {
  const acquired = new Map<string, Operation>();
  const released = new Map<string, Operation>();
  for (const operation of facts.operations) {
    if (operation.workload !== "lock" || operation.value === undefined) continue;
    if (operation.f === "acquire") acquired.set(operation.value, operation);
    if (operation.f === "release") released.set(operation.value, operation);
  }
  return facts.observations("lock-held").map((held) => ({
    ...held,
    // Whoever sends the release believes no longer, whatever comes of it.
    until: Math.min(
      held.believedUntil ?? Infinity,
      released.get(held.owner)?.invokedAt ?? Infinity,
      Math.max(facts.endedAt, held.heldFrom),
    ),
    node: acquired.get(held.owner)?.node,
  }));
}

/**
 * All pairs of holders of one lock whose times overlap. Times that only touch do not: who releases has stopped to
 * believe before the server hears of it.
 */
export function overlapsOf(holds: readonly Hold[]): Overlap[] {
  return byLock(holds).flatMap((own) => {
    const overlaps: Overlap[] = [];
    let open: Hold[] = [];
    for (const second of own.sort((a, b) => a.heldFrom - b.heldFrom)) {
      if (second.until <= second.heldFrom) continue;
      open = open.filter(({ until }) => until > second.heldFrom);
      for (const first of open) {
        overlaps.push({ first, second, from: second.heldFrom, until: Math.min(first.until, second.until) });
      }
      open.push(second);
    }
    return overlaps;
  });
}

/**
 * Where tokens did not grow: for each holder, the highest token of those who had been told before it asked, if its own
 * is not higher; and tokens that were handed out twice to holders who asked at the same time.
 */
export function tokenFaultsOf(holds: readonly Hold[]): TokenFault[] {
  return byLock(holds).flatMap((own) => {
    const faults: TokenFault[] = [];
    const told = [...own].sort((a, b) => a.heldFrom - b.heldFrom);
    const firstWith = new Map<number, Hold>();
    let next = 0;
    let highest: Hold | undefined;
    for (const after of own.sort((a, b) => a.sentAt - b.sentAt)) {
      for (; (told[next]?.heldFrom ?? Infinity) < after.sentAt; next += 1) {
        const one = told[next] as Hold;
        if (one.token > (highest?.token ?? -Infinity)) highest = one;
      }
      const same = firstWith.get(after.token);
      if (highest && highest.token >= after.token) faults.push({ before: highest, after });
      else if (same) faults.push({ before: same, after });
      firstWith.set(after.token, same ?? after);
    }
    return faults;
  });
}

/** Uses that the resource refused: their token was lower than one it had seen. */
export function fencedOff(facts: Facts): LockUse[] {
  return facts.observations("lock-use").filter(({ accepted }) => !accepted);
}

function byLock(holds: readonly Hold[]): Hold[][] {
  return [...groupBy(holds, ({ lock }) => lock).values()];
}
