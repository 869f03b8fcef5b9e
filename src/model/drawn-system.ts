import type { ReportFault, ReportLine, ReportModel } from "./report-model.ts";

/** What a page draws of nodes that fail over among themselves, as their logs tell it. Times in ms since `startedAt`. */
export interface DrawnSystem {
  readonly name: string;
  /** ISO 8601, on the one clock of the explanation. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly topology: ReportModel["topology"];
  /** What became of each primary that was lost, in the form of a drill's faults. */
  readonly faults: readonly ReportFault[];
  readonly lines: readonly ReportLine[];
  /** Lines left out to keep the page small: those furthest from any incident. */
  readonly omitted: number;
}
