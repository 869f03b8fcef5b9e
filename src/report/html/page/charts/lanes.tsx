import type { ReportModel } from "../../../../model/report-model.ts";
import { isOnlyOfApp } from "../../../app-words.ts";
import { instanceRows, probeRows } from "../logic/app-rows.ts";
import { faultsRow } from "../logic/fault-row.ts";
import { bandWords, roleLanes } from "../logic/role-bands.ts";
import { timeMarksOf } from "../logic/time-marks.ts";
import type { PanelProps } from "../view.ts";
import { type Bar, LaneChart, type Row } from "./lane-chart.tsx";

/** A shorter stall of the tool itself gets no bar. */
const STALL_MS = 250;

/** Lanes of steps, faults, outages, and each node's role. A click chooses the moment. */
export function Lanes({ model, view, look }: PanelProps) {
  return (
    <LaneChart
      rows={rowsOf(model)}
      marks={timeMarksOf(model)}
      range={view.range}
      atMs={view.atMs}
      onChoose={(atMs) => look({ atMs })}
    />
  );
}

function rowsOf(model: ReportModel): Row[] {
  const { steps, durationMs } = model;
  const outage = (group: "hit" | "others", kind: "writes" | "reads"): Bar[] =>
    model.failovers.flatMap(({ outages }) =>
      outages
        .filter((one) => one.group === group && one.kind === kind)
        .flatMap(({ intervals }) =>
          intervals.map(({ fromMs, toMs, ended }) => ({
            fromMs,
            toMs,
            kind: "outage",
            name: `${kind} fail${ended === "yes" ? "" : ended === "no" ? ", and go on to" : ", perhaps longer"}`,
          })),
        ),
    );
  const stood = (model.stalls ?? [])
    .filter(({ fromMs, toMs }) => toMs - fromMs >= STALL_MS)
    .map(({ fromMs, toMs }) => ({ fromMs, toMs, kind: "stall", name: "stood still: nothing observed" }));
  const others = (["writes", "reads"] as const).flatMap((kind) => outage("others", kind));
  return [
    {
      name: "steps",
      bars: steps.map((step) => ({
        fromMs: step.fromMs,
        toMs: step.toMs ?? durationMs,
        kind: `step ${step.status}`,
        name: step.name,
      })),
    },
    faultsRow(model),
    ...(stood.length > 0 ? [{ name: "valkey-drill", bars: stood }] : []),
    ...(isOnlyOfApp(model.result)
      ? []
      : [
          { name: "writes", bars: outage("hit", "writes") },
          { name: "reads", bars: outage("hit", "reads") },
        ]),
    ...(others.length > 0 ? [{ name: "other shards", bars: others }] : []),
    ...probeRows(model),
    ...instanceRows(model),
    ...roleLanes(model).map(({ name, bands }) => ({
      name,
      bars: bands.map(({ fromMs, toMs, look }) => ({ fromMs, toMs, kind: look, name: bandWords[look] })),
    })),
  ];
}
