import { useEffect } from "preact/hooks";
import type { ReportModel } from "../../../../model/report-model.ts";
import { timeMarksOf } from "../logic/time-marks.ts";
import type { View } from "../view.ts";

const STEPS_OF_A_RANGE = 200;
const SHIFT_STEPS = 10;

/** Left and right scrub, with Shift faster; `n` and `p` go to the next and the previous moment of a failover. */
export function useKeys(model: ReportModel, view: View, look: (change: Partial<View>) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isUsedBy(event.target)) return;
      const atMs = movedTo(event, model, view);
      if (atMs === undefined) return;
      event.preventDefault();
      look({ atMs });
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
}

/** Where a key takes the moment that is looked at; `undefined`: it means nothing here. */
export function movedTo(
  { key, shiftKey }: Pick<KeyboardEvent, "key" | "shiftKey">,
  model: ReportModel,
  { atMs, range }: View,
): number | undefined {
  const stepMs = ((range.toMs - range.fromMs) / STEPS_OF_A_RANGE) * (shiftKey ? SHIFT_STEPS : 1);
  const within = (ms: number) => Math.min(range.toMs, Math.max(range.fromMs, ms));
  if (key === "ArrowLeft") return within(atMs - stepMs);
  if (key === "ArrowRight") return within(atMs + stepMs);
  const moments = timeMarksOf(model).map((moment) => moment.atMs);
  if (key === "n") return moments.find((moment) => moment > atMs + 0.5) ?? atMs;
  if (key === "p") return moments.findLast((moment) => moment < atMs - 0.5) ?? atMs;
  return undefined;
}

/** Elements that have a use of their own for these keys. */
function isUsedBy(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest("input:not([type=range]), select, textarea, .scroll") !== null
  );
}
