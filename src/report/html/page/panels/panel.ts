import type { ComponentType } from "preact";
import type { ReportModel } from "../../../../model/report-model.ts";
import type { PanelProps } from "../view.ts";

/** One question about a run, answered by a chart. A new one is a file of its own and a line here. */
export interface PanelEntry {
  /** Its anchor. */
  readonly id: string;
  readonly title: string;
  /** Its name in the toolbar. */
  readonly short: string;
  /** How to read it. */
  readonly hint?: string;
  /** Whether the run has anything to show there. */
  applies(model: ReportModel): boolean;
  readonly Panel: ComponentType<PanelProps>;
}
