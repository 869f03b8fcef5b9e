import type { DrawnSystem } from "../../../../model/drawn-system.ts";
import type { ExplainedIncident } from "../../../../model/explanation.ts";
import { type Bar, LaneChart, type TimeMark } from "../charts/lane-chart.tsx";
import { bandWords, roleLanes } from "../logic/role-bands.ts";
import type { Range } from "../view.ts";
import { clockOf } from "./times.ts";

interface Props {
  readonly system: DrawnSystem;
  readonly incidents: readonly ExplainedIncident[];
  readonly range: Range;
  readonly atMs: number;
  readonly onChoose: (atMs: number) => void;
}

/**
 * A lane for what became of each primary, one for the phases, and one for each node: its role, its link, what it
 * suspects.
 */
export function SystemLanes({ system, incidents, range, atMs, onChoose }: Props) {
  const { msOf } = clockOf(system);
  const losses = incidents.map((incident): Bar => {
    const fromMs = msOf(incident.at);
    const promoted = incident.phases.find(({ name }) => name === "promoted");
    const back = system.faults.find(({ injectMs }) => Math.abs(injectMs - fromMs) < 2)?.healedMs;
    const toMs = promoted ? fromMs + promoted.atMs : (back ?? system.durationMs);
    return { fromMs, toMs, kind: "outage", name: `no primary (${incident.begin.code.replaceAll("-", " ")})` };
  });
  const phases = incidents.flatMap(phaseBars(msOf));
  const lanes = roleLanes({
    topology: system.topology,
    faults: [...system.faults],
    durationMs: system.durationMs,
  });
  const rows = [
    ...(losses.length > 0 ? [{ name: "service", bars: losses }] : []),
    ...(phases.length > 0 ? [{ name: "phases", bars: phases }] : []),
    ...lanes.map(({ name, bands }) => ({
      name,
      bars: bands.map(({ fromMs, toMs, look }) => ({ fromMs, toMs, kind: look, name: bandWords[look] })),
    })),
  ];
  return (
    <LaneChart rows={rows} marks={marksOf(incidents, msOf)} range={range} atMs={atMs} onChoose={onChoose} />
  );
}

function phaseBars(msOf: (iso: string) => number) {
  return ({ at, phases }: ExplainedIncident): Bar[] =>
    phases
      .filter(({ path, tookMs }) => path && tookMs > 0)
      .map(({ name, atMs, tookMs }) => ({
        fromMs: msOf(at) + atMs - tookMs,
        toMs: msOf(at) + atMs,
        kind: "step",
        name,
      }));
}

function marksOf(incidents: readonly ExplainedIncident[], msOf: (iso: string) => number): TimeMark[] {
  return incidents.flatMap(({ at, phases }) => [
    { atMs: msOf(at), label: "begin" },
    ...phases.filter(({ path }) => path).map(({ name, atMs }) => ({ atMs: msOf(at) + atMs, label: name })),
  ]);
}
