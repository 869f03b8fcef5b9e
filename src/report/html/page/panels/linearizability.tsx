import type { UnexplainedSegment } from "../../../../model/register.ts";
import type { ReportModel } from "../../../../model/report-model.ts";
import { UnexplainedSegmentDiagram } from "../charts/unexplained-segment.tsx";
import type { PanelProps } from "../view.ts";
import type { PanelEntry } from "./panel.ts";

/** The segment of a register's history that no order explains, drawn as Porcupine does. */
export const linearizability: PanelEntry = {
  id: "linearizability",
  title: "No order explains these answers",
  short: "linearizability",
  hint:
    "Each bar is an operation from when it was sent to when it was answered. The numbers are the longest order " +
    "found; the one marked ✗ fits nowhere in it.",
  applies: (model) => segmentsOf(model).length > 0,
  Panel: ({ model, look }: PanelProps) => (
    <>
      {segmentsOf(model).map((segment) => (
        <UnexplainedSegmentDiagram key={segment.key} segment={segment} look={look} />
      ))}
    </>
  ),
};

/** Any check may give stretches as evidence. */
function segmentsOf({ result }: ReportModel): UnexplainedSegment[] {
  return result.checks.flatMap(({ evidence }) =>
    Array.isArray(evidence.stretches)
      ? (evidence.stretches as UnexplainedSegment[]).filter((one) => Array.isArray(one.operations))
      : [],
  );
}
