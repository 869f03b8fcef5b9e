import type { Outcome } from "../model/outcome.ts";

/*
 * Every way in which a few clients can have used one thing at the same time, and what one thing could have made of it.
 */

/** One operation on one key. `reply`: the place at which an `ok` was told that it stands, from 1. */
export interface SmallOperation {
  readonly name: string;
  readonly invokedAt: number;
  readonly completedAt: number;
  readonly outcome: Outcome;
  readonly reply?: number;
}

/**
 * Each way in which the sendings and the ends of `count` operations can follow each other; names `a`, `b`, … in order
 * of sending.
 */
export function interleavings(count: number): Pick<SmallOperation, "name" | "invokedAt" | "completedAt">[][] {
  const all: { name: string; invokedAt: number; completedAt: number }[][] = [];
  const go = (at: number, sent: { name: string; invokedAt: number; completedAt: number }[]) => {
    if (at > 2 * count) {
      all.push(sent);
      return;
    }
    if (sent.length < count)
      go(at + 1, [...sent, { name: nameOf(sent.length), invokedAt: at, completedAt: 0 }]);
    sent.forEach((one, n) => {
      if (one.completedAt === 0) go(at + 1, sent.with(n, { ...one, completedAt: at }));
    });
  };
  go(1, []);
  return all;
}

/** Every way in which operations can have ended: `ok` and told one of the places up to `most`, `info`, or `fail`. */
export function endings(most: number): Pick<SmallOperation, "outcome" | "reply">[] {
  const ok = Array.from({ length: most }, (_, n) => ({ outcome: "ok" as const, reply: n + 1 }));
  return [...ok, { outcome: "info" }, { outcome: "fail" }];
}

/** Every choice of one item from each of `count` equal lists. */
export function choices<T>(items: readonly T[], count: number): T[][] {
  return count === 0
    ? [[]]
    : choices(items, count - 1).flatMap((head) => items.map((item) => [...head, item]));
}

/**
 * Every order in which one thing that does one operation at a time could have done them and answered so: each that
 * ended `ok` is among them, in the place that it was told; any that ended `info`; none that ended `fail`; and none
 * before one that was answered before it was sent. By trying them all.
 */
export function legalOrders(operations: readonly SmallOperation[]): string[] {
  const found: string[] = [];
  const go = (done: readonly SmallOperation[]) => {
    if (operations.every((one) => one.outcome !== "ok" || done.includes(one)))
      found.push(done.map(({ name }) => name).join(""));
    for (const next of operations) {
      if (done.includes(next) || next.outcome === "fail") continue;
      if (next.outcome === "ok" && next.reply !== done.length + 1) continue;
      const overtaken = operations.some(
        (one) =>
          one.outcome === "ok" && !done.includes(one) && one !== next && one.completedAt < next.invokedAt,
      );
      if (!overtaken) go([...done, next]);
    }
  };
  go([]);
  return found;
}

function nameOf(n: number): string {
  return String.fromCharCode("a".charCodeAt(0) + n);
}
