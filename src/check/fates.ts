import type { Operation } from "../history/operations.ts";
import type { Facts } from "./facts.ts";
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
export function judgeWrites(facts: Facts): JudgedWrite[] {
  const protection = protectionOf(facts);
  return facts.operations
    .filter((operation) => operation.f === "write" && !operation.shared)
    .map((operation) => ({ operation, fate: fateOf(facts, operation), ...protection(operation) }));
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
