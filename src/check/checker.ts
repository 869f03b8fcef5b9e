import type { CheckResult } from "../model/result.ts";
import type { Facts } from "./facts.ts";

/**
 * One question about a run. Pure: the same history gives the same answer, here and years later. A new one is
 * a file of its own and a line in the registry.
 *
 * Evidence: `reason` is a stable code wherever the verdict is not `pass`; `tables` and `notes` are shown to people.
 */
export interface Checker {
  readonly name: string;
  /** One line for `valkey-drill list`. */
  readonly summary: string;
  /** Whether the run did what this checker judges. */
  applies(facts: Facts): boolean;
  check(facts: Facts): Omit<CheckResult, "name">;
  /**
   * What is left of a finding, given that the tool itself stood still at times (`facts.stalls`). A checker without it rests on what was
   * written and read, not on when: a stall changes nothing.
   */
  stalled?(facts: Facts, found: Omit<CheckResult, "name">): StalledFound;
}

/** What is left of a finding. `holds`: a failure that stays one on a machine that is too busy to measure, too. */
export type StalledFound = Omit<CheckResult, "name"> & { readonly holds?: boolean };

/** A table in a checker's evidence. */
export interface EvidenceTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** `1 key`, `2 keys`, `10,000 keys`. */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** Milliseconds as a person reads them: `850 ms`, `2.31 s`. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
