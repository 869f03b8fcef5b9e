import type { Verdict } from "./outcome.ts";
import type { CheckResult } from "./result.ts";

/** What `valkey-drill check FILE --json` prints for a plain history of registers. */
export interface PlainResult {
  readonly schemaVersion: 1;
  /** The file. */
  readonly history: string;
  readonly verdict: Verdict;
  readonly operations: {
    readonly total: number;
    readonly ok: number;
    readonly fail: number;
    readonly info: number;
  };
  /** One of each checker that judges registers. */
  readonly checks: readonly CheckResult[];
}
