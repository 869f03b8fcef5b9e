import type { Operation } from "../history/operations.ts";
import type { Facts } from "./facts.ts";
import { once } from "./once.ts";
import { type Protection, protectionOf } from "./replicated.ts";

/**
 * What became of a write:
 *
 *                   present      gone
 *     acknowledged  survived     lost
 *     not           recovered    absent
 *
 * `unknown`: its key could not be read at the end. `phantom`: it was surely refused, yet its value is there: the error
 * table is wrong, and no count of this run can be trusted. `changed`: another value stands under its key.
 */
export type Fate = "survived" | "lost" | "recovered" | "absent" | "unknown" | "phantom" | "changed";

export interface JudgedWrite extends Protection {
  readonly operation: Operation;
  readonly fate: Fate;
}

/** Judges every write of the run by what stood under its key at the end. */
export const judgeWrites = once((facts: Facts): readonly JudgedWrite[] => {
  const protection = protectionOf(facts);
  const writes: JudgedWrite[] = [];
  forEachWrite(facts, (operation, fate) => writes.push(new Judged(operation, fate, protection)));
  return writes;
});

function forEachWrite(facts: Facts, take: (operation: Operation, fate: Fate) => void): void {
  const finalValueOf = facts.finalValuesInOrder();
  for (const operation of facts.operations) {
    if (isOwnWrite(operation)) take(operation, fateOf(operation, finalValueOf(operation.key)));
  }
}

/** A write to a key that no other writes: what stands there at the end tells what became of it. */
export function isOwnWrite({ f, shared }: Operation): boolean {
  return f === "write" && !shared;
}

/** How a write was protected is asked of those that were lost, a few of a million: so it is looked up when it is. */
class Judged implements JudgedWrite {
  readonly operation: Operation;
  readonly fate: Fate;
  readonly #protectionOf: (operation: Operation) => Protection;

  constructor(operation: Operation, fate: Fate, protection: (operation: Operation) => Protection) {
    this.operation = operation;
    this.fate = fate;
    this.#protectionOf = protection;
  }

  get nextLossAt(): number | undefined {
    return this.#protectionOf(this.operation).nextLossAt;
  }

  get fault(): Protection["fault"] {
    return this.#protectionOf(this.operation).fault;
  }

  get taken(): Protection["taken"] {
    return this.#protectionOf(this.operation).taken;
  }

  get replicated(): boolean {
    return this.#protectionOf(this.operation).replicated;
  }
}

/** How many writes had each fate. */
export function countFates(writes: readonly JudgedWrite[]): Record<Fate, number> {
  const counts = none();
  for (const { fate } of writes) counts[fate] += 1;
  return counts;
}

function none(): Record<Fate, number> {
  return { survived: 0, lost: 0, recovered: 0, absent: 0, unknown: 0, phantom: 0, changed: 0 };
}

/** All writes of a run, counted. */
export interface Tally {
  readonly acknowledged: number;
  /** Those that ended `info`, whatever became of them. */
  readonly indeterminate: number;
  readonly fates: Readonly<Record<Fate, number>>;
  /** The writes of each fate, but for `survived` and `absent`: those are as they should be, and many. */
  readonly notable: Readonly<Record<Exclude<Fate, "survived" | "absent">, readonly JudgedWrite[]>>;
}

/** Of a million writes it makes no objects but for the notable ones. */
export const tallyOf = once((facts: Facts): Tally => {
  const protection = protectionOf(facts);
  const notable: Record<keyof Tally["notable"], JudgedWrite[]> = {
    lost: [],
    recovered: [],
    unknown: [],
    phantom: [],
    changed: [],
  };
  const fates = none();
  let [acknowledged, indeterminate] = [0, 0];
  forEachWrite(facts, (operation, fate) => {
    fates[fate] += 1;
    if (operation.outcome === "ok") acknowledged += 1;
    if (operation.outcome === "info") indeterminate += 1;
    if (fate !== "survived" && fate !== "absent") notable[fate].push(new Judged(operation, fate, protection));
  });
  return { acknowledged, indeterminate, fates, notable };
});

function fateOf({ value, outcome }: Operation, found: string | null | undefined): Fate {
  if (found === undefined) return "unknown";
  if (found !== null && found !== value) return "changed";
  if (outcome === "ok") return found === null ? "lost" : "survived";
  if (found === null) return "absent";
  return outcome === "fail" ? "phantom" : "recovered";
}
