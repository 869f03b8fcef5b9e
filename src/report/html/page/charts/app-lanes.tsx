import type { ReportInstance, ReportProbe } from "../../../../model/report-app.ts";
import { formatBytes, formatNumber } from "../../../numbers.ts";
import { type AppModel, failoverRow, instanceRows, outageBars, pilesOf } from "../logic/app-rows.ts";
import { faultsRow } from "../logic/fault-row.ts";
import { timeMarksOf } from "../logic/time-marks.ts";
import { seconds } from "../parts/time.ts";
import { useWidth } from "../parts/use-width.ts";
import type { PanelProps } from "../view.ts";
import { GUTTER, LaneRow, moment, ROW, type Row, TimeMarks } from "./lane-chart.tsx";
import { clipped, px, type Scale, scaleOf } from "./scale.ts";
import { TimeAxis } from "./time-axis.tsx";

const TOP = 8;
const AXIS = 22;
const LANE = 46;
const GAP = 10;
/** A single answer must be seen. */
const NARROWEST = 1.5;

/**
 * The probes' successes and failures under the phases of the failover, then the life of each instance and its memory:
 * all on the time axis of the other charts. A click chooses the moment.
 */
export function AppLanes({ model, view, look }: PanelProps) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const { probes = [], instances = [] } = model.app ?? {};
  const above: Row[] = [failoverRow(model), faultsRow(model)];
  const below = instanceRows(model);
  const measured = instances.filter(({ memory }) => memory.length > 1);
  const probesTop = TOP + above.length * ROW;
  const livesTop = probesTop + probes.length * (LANE + GAP);
  const memoryTop = livesTop + below.length * ROW;
  const bottom = memoryTop + (measured.length > 0 ? LANE + GAP : 0);
  const scale = scaleOf(view.range, GUTTER, Math.max(GUTTER + 50, width - 8));
  const cursor = px(scale.x(view.atMs));
  return (
    <div ref={ref} class="lanes">
      {width > 0 && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys and the slider of the toolbar do the same
        <svg
          width={width}
          height={bottom + AXIS}
          role="img"
          aria-label={describe(model)}
          onClick={(event) => look({ atMs: moment(event, scale, view.range) })}
        >
          <TimeAxis range={view.range} scale={scale} top={TOP} bottom={bottom} />
          {above.map((row, index) => (
            <LaneRow key={row.name} row={row} y={TOP + index * ROW} scale={scale} />
          ))}
          {probes.map((probe, index) => (
            <ProbeLane
              key={probe.name}
              model={model}
              probe={probe}
              y={probesTop + index * (LANE + GAP)}
              scale={scale}
            />
          ))}
          {below.map((row, index) => (
            <LaneRow key={row.name} row={row} y={livesTop + index * ROW} scale={scale} />
          ))}
          {measured.length > 0 && <Memory instances={measured} y={memoryTop} scale={scale} />}
          <TimeMarks marks={timeMarksOf(model)} scale={scale} bottom={bottom} />
          <line class="cursor" x1={cursor} x2={cursor} y1={0} y2={bottom} />
        </svg>
      )}
    </div>
  );
}

interface ProbeLaneProps {
  readonly model: AppModel;
  readonly probe: ReportProbe;
  readonly y: number;
  readonly scale: Scale;
}

function ProbeLane({ model, probe, y, scale }: ProbeLaneProps) {
  const { piles, most } = pilesOf(probe);
  const ground = y + LANE;
  const height = (count: number) => (count / most) * (LANE - 4);
  const paths = { ok: "", fail: "", info: "" };
  for (const pile of piles) {
    const box = clipped(scale, pile.fromMs, pile.toMs);
    if (box === undefined) continue;
    let top = ground;
    for (const outcome of ["ok", "fail", "info"] as const) {
      const tall = height(pile[outcome]);
      if (tall === 0) continue;
      top -= tall;
      paths[outcome] +=
        `M${px(box.x)} ${px(top)}h${px(Math.max(NARROWEST, box.width))}v${px(tall)}H${px(box.x)}z`;
    }
  }
  return (
    <g class="probe-lane">
      <text class="lane" x={GUTTER - 8} y={y + LANE / 2} text-anchor="end">
        {shortened(probe.name)}
      </text>
      <text class="lane-note" x={GUTTER - 8} y={y + LANE / 2 + 14} text-anchor="end">
        {most > 1 && `${formatNumber(Math.round((most * 1000) / probe.bucketMs))}/s`}
      </text>
      {outageBars(model, probe.name).map(({ fromMs, toMs, name }) => {
        const box = clipped(scale, fromMs, toMs);
        return (
          box && (
            <rect key={fromMs} class="out" x={px(box.x)} y={y} width={px(box.width)} height={LANE}>
              <title>
                {probe.name}: {name}, {seconds(fromMs)} to {seconds(toMs)}
              </title>
            </rect>
          )
        );
      })}
      {(["ok", "fail", "info"] as const).map((outcome) => (
        <path key={outcome} class={outcome} d={paths[outcome]} />
      ))}
      <line class="ground" x1={scale.left} x2={scale.right} y1={ground} y2={ground} />
    </g>
  );
}

function Memory({
  instances,
  y,
  scale,
}: {
  readonly instances: readonly ReportInstance[];
  readonly y: number;
  readonly scale: Scale;
}) {
  const most = Math.max(...instances.flatMap(({ memory }) => memory.map(([, bytes]) => bytes)));
  const ground = y + LANE;
  const inside = (x: number) => Math.min(scale.right, Math.max(scale.left, x));
  return (
    <g class="memory-lane">
      <text class="lane" x={GUTTER - 8} y={y + LANE / 2} text-anchor="end">
        memory
      </text>
      <text class="lane-note" x={GUTTER - 8} y={y + LANE / 2 + 14} text-anchor="end">
        {formatBytes(most)}
      </text>
      {instances.map(({ name, memory }, index) => (
        <polyline
          key={name}
          class={`line-${index % 3}`}
          points={memory
            .map(([ms, bytes]) => `${px(inside(scale.x(ms)))},${px(ground - (bytes / most) * (LANE - 4))}`)
            .join(" ")}
        >
          <title>
            {name}: {formatBytes(Math.max(...memory.map(([, bytes]) => bytes)))} at most
          </title>
        </polyline>
      ))}
      <line class="ground" x1={scale.left} x2={scale.right} y1={ground} y2={ground} />
    </g>
  );
}

function shortened(name: string): string {
  return name.length > 15 ? `${name.slice(0, 14)}…` : name;
}

function describe(model: AppModel): string {
  const told = (rows: readonly Row[]) =>
    rows.map(({ name, bars }) => {
      const words = bars.map((bar) => `${bar.name} from ${seconds(bar.fromMs)} to ${seconds(bar.toMs)}`);
      return `${name}: ${words.length > 0 ? words.join(", ") : "went well"}`;
    });
  const probes = (model.app?.probes ?? []).map(({ name }) => ({ name, bars: outageBars(model, name) }));
  return `The application over time. ${[...told(probes), ...told(instanceRows(model))].join(". ")}.`;
}
