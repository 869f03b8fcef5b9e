import type { AppFigures } from "./app-figures.ts";
import type { Verdict } from "./outcome.ts";
import type { AcceptedResult } from "./result.ts";

/** What many runs of one drill said. Times in milliseconds. */
export interface SoakSummary {
  readonly drill: string;
  readonly runs: readonly {
    readonly verdict: Verdict | "broken";
    /** `null`: not measured, or it did not end. */
    readonly writeOutageMs: number | null;
    readonly lost: number;
    /** What did not pass, as `check:reason`. */
    readonly codes: readonly string[];
    /** What it let go, where it passed; absent: nothing. */
    readonly accepted?: readonly AcceptedResult[];
    /** Of the application under the drill; absent: there was none, or the run broke. */
    readonly app?: AppFigures;
  }[];
}
