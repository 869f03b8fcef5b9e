import type { ReportModel } from "../../../../model/report-model.ts";
import type { Row } from "../charts/lane-chart.tsx";

/** The faults, each for as long as it was in force. */
export function faultsRow({ faults, durationMs }: Pick<ReportModel, "faults" | "durationMs">): Row {
  return {
    name: "faults",
    bars: faults.map(({ injectMs, healedMs, label }) => ({
      fromMs: injectMs,
      toMs: healedMs ?? durationMs,
      kind: "fault",
      name: label,
    })),
  };
}
