import type { ChartProps } from "../../../report/html/page/charts/chart.tsx";
import type { LivePanelProps } from "../view.ts";
import { modelFaults } from "./nodes-at.ts";

/** What all charts of the page share: a click chooses the moment, dragging the stretch of time. */
export function chartProps({
  session,
  atMs,
  range,
  look,
}: LivePanelProps): Pick<ChartProps, "model" | "view" | "look"> {
  return {
    model: { faults: modelFaults(session), durationMs: session.nowMs },
    view: { atMs, range },
    look: ({ atMs: chosenMs, range: dragged }) => {
      if (chosenMs !== undefined) look({ stoppedMs: Math.min(session.nowMs, Math.max(0, chosenMs)) });
      if (dragged !== undefined)
        look({ stoppedMs: (dragged.fromMs + dragged.toMs) / 2, spanMs: dragged.toMs - dragged.fromMs });
    },
  };
}
