import type { ReportModel } from "../../../model/report-model.ts";

/** An interval of the run's time, in ms. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the reader has chosen to look at. */
export interface View {
  /** The moment that is looked at. */
  readonly atMs: number;
  /** What all charts with a time axis show. */
  readonly range: Range;
  /** Only these nodes' lines of the log; none chosen means all. */
  readonly nodes: readonly string[];
  /** Only lines of the log around the moment. */
  readonly near: boolean;
}

/** What every panel is given. */
export interface PanelProps {
  readonly model: ReportModel;
  readonly view: View;
  readonly look: (change: Partial<View>) => void;
}
