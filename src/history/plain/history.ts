import type { RegisterOperation } from "../../model/register.ts";

/** A history of registers that was not recorded by this tool. */
export interface PlainHistory {
  /** All but those that failed: they surely did not happen. */
  readonly operations: readonly RegisterOperation[];
  readonly counts: {
    readonly total: number;
    readonly ok: number;
    readonly fail: number;
    readonly info: number;
  };
  /** What times are: numbers of lines, or of events where several stand on one line. */
  readonly unit: "line" | "event";
}
