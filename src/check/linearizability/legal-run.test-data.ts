import type { Random } from "../../base/random.ts";
import type { Action, RegisterOperation, Value } from "../../model/register.ts";

export interface LegalRun {
  readonly operations: number;
  readonly processes: number;
  readonly keys: number;
  /** Share of operations of which nobody learns the end; half of those happen, at some later time. */
  readonly openShare: number;
  /** Every value is written once to a key, or all are of so many. */
  readonly values: "unique" | number;
  /** Shares of reads, writes and (what is left) compare-and-set. */
  readonly reads?: number;
  readonly writes?: number;
}

interface Sent {
  readonly operation: Omit<RegisterOperation, "action">;
  readonly wish: Action;
  readonly happens: boolean;
  readonly happensAt: number;
}

/**
 * A history that is linearizable because it was: every operation happens at one moment between its invocation and its
 * return, on one register for each key. One process has one operation at a time, and the next one soon after; after an
 * open operation it goes on under another name. The same random numbers give the same history.
 */
export function legalRun(run: LegalRun, random: Random): RegisterOperation[] {
  const sent = sendAll(run, random).sort((a, b) => a.happensAt - b.happensAt);
  const registers = new Map<string, Value>();
  return sent
    .map(({ operation, wish, happens }) => {
      const { key } = operation;
      const before = registers.get(key) ?? null;
      if (!happens) return { ...operation, action: wish };
      if (wish.f === "write") registers.set(key, wish.value);
      if (wish.f === "cas" && wish.from === before) registers.set(key, wish.to);
      return { ...operation, action: operation.returnedAt === Infinity ? wish : answered(wish, before) };
    })
    .sort((a, b) => a.invokedAt - b.invokedAt);
}

function sendAll(run: LegalRun, random: Random): Sent[] {
  const { operations, processes, keys, openShare, values, reads = 0.5, writes = 0.25 } = run;
  const clocks = Array.from({ length: processes }, () => random.next());
  const names = Array.from({ length: processes }, (_, process) => process);
  const written = new Map<string, number>();
  return Array.from({ length: operations }, (_, id) => {
    const process = clocks.indexOf(Math.min(...clocks));
    const key = `k${random.below(keys)}`;
    const count = (written.get(key) ?? 0) + 1;
    const value = values === "unique" ? count : 1 + random.below(values);
    // Mostly a value of late: a compare-and-set on any value would hardly ever find it.
    const from = values === "unique" ? Math.max(1, count - 1 - random.below(4)) : 1 + random.below(values);
    const choice = random.next();
    const wish: Action =
      choice < reads
        ? { f: "read", value: null }
        : choice < reads + writes
          ? { f: "write", value }
          : { f: "cas", from, to: value };
    if (wish.f !== "read") written.set(key, count);

    const invokedAt = clocks[process] as number;
    const happensAt = invokedAt + random.next();
    const open = random.next() < openShare;
    const returnedAt = open ? Infinity : happensAt + random.next();
    const operation = { id, process: `p${names[process]}`, key, invokedAt, returnedAt };
    if (open) names[process] = (names[process] as number) + processes;
    clocks[process] = (open ? happensAt + 1 : returnedAt) + random.next() / 10;
    return {
      operation,
      wish,
      happens: !open || random.next() < 0.5,
      happensAt: open ? invokedAt + random.next() * 20 : happensAt,
    };
  });
}

function answered(wish: Action, found: Value): Action {
  if (wish.f === "read") return { f: "read", value: found };
  if (wish.f === "cas" && wish.from !== found) return { f: "cas-refused", from: wish.from, saw: found };
  return wish;
}
