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
  for (const operation of facts.operations) {
    if (operation.f !== "write" || operation.shared) continue;
    writes.push(new Judged(operation, fateOf(facts, operation), protection));
  }
  return writes;
});

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

  get replicated(): boolean {
    return this.#protectionOf(this.operation).replicated;
  }
}

/** How many writes had each fate. */
export function countFates(writes: readonly JudgedWrite[]): Record<JudgedWrite["fate"], number> {
  const counts = { survived: 0, lost: 0, recovered: 0, absent: 0, unknown: 0, phantom: 0, changed: 0 };
  for (const { fate } of writes) counts[fate] += 1;
  return counts;
}

function fateOf(facts: Facts, { key, value, outcome }: Operation): Fate {
  const found = facts.finalValues.get(key);
  if (found === undefined) return "unknown";
  if (found !== null && found !== value) return "changed";
  if (outcome === "ok") return found === null ? "lost" : "survived";
  if (found === null) return "absent";
  return outcome === "fail" ? "phantom" : "recovered";
}
