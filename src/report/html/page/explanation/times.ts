import type { DrawnSystem } from "../../../../model/drawn-system.ts";
import type { ExplainedIncident } from "../../../../model/explanation.ts";
import type { Range } from "../view.ts";

/** Between the times of an explanation and those that a system is drawn by. */
export function clockOf({ startedAt }: DrawnSystem) {
  const startMs = Date.parse(startedAt);
  return {
    msOf: (iso: string) => Date.parse(iso) - startMs,
    /** `04:31:50.212`. */
    timeOf: (ms: number) => new Date(startMs + ms).toISOString().slice(11, 23),
  };
}

/** Before and after an incident so much is shown. */
const AROUND_MS = 1500;

/** All there is, then each incident. */
export function rangesOf(
  system: DrawnSystem,
  incidents: readonly ExplainedIncident[],
): (Range & { readonly label: string })[] {
  const { msOf } = clockOf(system);
  return [
    { label: "all", fromMs: 0, toMs: Math.max(1, system.durationMs) },
    ...incidents.map(({ id, at, title, phases, story }) => {
      const begin = msOf(at);
      const told = story.flatMap(({ lines }) => lines.map((line) => msOf(line.at)));
      const last = Math.max(
        begin,
        ...phases.filter(({ path }) => path).map(({ atMs }) => begin + atMs),
        ...told,
      );
      return { label: `${id}. ${title}`, fromMs: Math.max(0, begin - AROUND_MS), toMs: last + AROUND_MS };
    }),
  ];
}
