import type { ComponentType } from "preact";
import type { ReportModel } from "../../../../model/report-model.ts";
import type { PanelProps } from "../view.ts";
import { checks } from "./checks.tsx";
import { fates } from "./fates.tsx";
import { linearizability } from "./linearizability.tsx";
import { load } from "./load.tsx";
import { logs } from "./logs.tsx";
import { replay } from "./replay.tsx";
import { shards } from "./shards.tsx";
import { timeline } from "./timeline.tsx";

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

/** In the order in which they are read. */
export const PANELS: readonly PanelEntry[] = [
  timeline,
  fates,
  load,
  linearizability,
  shards,
  checks,
  logs,
  replay,
];
