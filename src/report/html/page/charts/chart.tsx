import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { ReportModel } from "../../../../model/report-model.ts";
import type { Series } from "../logic/load-series.ts";
import { type Colours, coloursNow } from "../parts/colours.ts";
import { useTheme } from "../parts/use-theme.ts";
import { useWidth } from "../parts/use-width.ts";
import type { View } from "../view.ts";
import { drawMoment, shadeFaults } from "./chart-marks.ts";

export interface ChartProps {
  readonly model: Pick<ReportModel, "faults" | "durationMs" | "stalls">;
  readonly view: Pick<View, "atMs" | "range">;
  readonly look: (change: Partial<View>) => void;
  readonly title: string;
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly unit: string;
  readonly height?: number;
  readonly logarithmic?: boolean;
  /** Draws more than lines, under them. */
  readonly under?: (plot: uPlot, colours: Colours) => void;
  /** Lowest and highest value of a logarithmic axis; default: as the data ask for. */
  readonly bounds?: readonly [number, number];
  /** What is higher is cut off. */
  readonly cutAt?: number | undefined;
}

const X_AXIS = 26;

/** A chart over time. Faults are shaded; a click chooses the moment, dragging the stretch of time. */
export function Chart(props: ChartProps) {
  const { model, view, look, title, times, series, height = 150 } = props;
  const { ref, width } = useWidth<HTMLDivElement>();
  const theme = useTheme();
  const plot = useRef<uPlot>();
  const latest = useRef({ view, look, model });
  latest.current = { view, look, model };
  const shape = series.map(({ label }) => label).join("|");

  useEffect(() => {
    const place = ref.current;
    if (place === null || width === 0) return;
    const made = new uPlot(optionsOf(props, width, height, coloursNow(place), latest), dataOf(props), place);
    plot.current = made;
    return () => made.destroy();
  }, [width, height, theme, shape, props.under]);

  useEffect(() => {
    plot.current?.setData(dataOf(props), false);
    plot.current?.setScale("x", { min: view.range.fromMs, max: view.range.toMs });
  }, [times, series, view.range.fromMs, view.range.toMs, width, theme, shape]);

  useEffect(() => {
    const idx = times.findLastIndex((time) => time <= view.atMs);
    // The moment's own values, for those who do not point; once what was set above is drawn, which empties the legend.
    queueMicrotask(() => plot.current?.setLegend({ idx: Math.max(0, idx) }, false));
    plot.current?.redraw(false);
  }, [view.atMs, times, width, theme, shape]);

  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div
        ref={ref}
        role="img"
        aria-label={`${title}: ${series.map(({ label }) => label).join(", ")} over time`}
      />
    </figure>
  );
}

interface Latest {
  readonly current: Pick<ChartProps, "view" | "look" | "model">;
}

function dataOf({ times, series }: ChartProps): uPlot.AlignedData {
  return [[...times], ...series.map(({ values }) => [...values])];
}

function optionsOf(
  props: ChartProps,
  width: number,
  height: number,
  colours: Colours,
  latest: Latest,
): uPlot.Options {
  const { series, unit, logarithmic = false, bounds, cutAt, under } = props;
  const axis = {
    stroke: colours.text,
    grid: { stroke: colours.line, width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
  };
  const { fromMs, toMs } = latest.current.view.range;
  return {
    width,
    height,
    padding: [8, 8, 0, 0],
    legend: {
      live: true,
      markers: { width: 2, dash: (_plot, index) => (series[index - 1]?.dash ? "dashed" : "solid") },
    },
    cursor: { sync: { key: "run" }, drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
    scales: {
      x: { time: false, min: fromMs, max: toMs },
      y: logarithmic
        ? {
            distr: 3,
            range: (_plot, low, high) =>
              [...(bounds ?? [low || 0.1, Math.max(high || 1, (low || 0.1) * 10)])] as [number, number],
          }
        : { range: (_plot, _low, high) => [0, cutAt ?? Math.max(1, high * 1.05)] },
    },
    axes: [
      { ...axis, size: X_AXIS, values: (_plot, values) => values.map((ms) => `${ms / 1000} s`) },
      {
        ...axis,
        size: 56,
        values: (_plot, values) => values.map((value) => (value === null ? "" : `${value} ${unit}`.trim())),
      },
    ],
    series: [
      { label: "at", value: (_plot, ms) => (ms === null ? "–" : `${(ms / 1000).toFixed(2)} s`) },
      ...series.map(({ label, colour, dash, fill }) => ({
        label,
        stroke: colours[colour],
        width: 1.5,
        ...(dash && { dash: [...dash] }),
        ...(fill && { fill: colours.shade }),
        points: { show: false },
        spanGaps: false,
        value: (_plot: uPlot, value: number | null) => (value === null ? "–" : `${value} ${unit}`.trim()),
      })),
    ],
    hooks: {
      drawClear: [
        (plot) => {
          shadeFaults(plot, latest.current.model, colours);
          under?.(plot, colours);
        },
      ],
      draw: [(plot) => drawMoment(plot, latest.current.view.atMs, colours)],
      setSelect: [
        (plot) => {
          const { left, width: wide } = plot.select;
          if (wide < 4) return;
          const [from, to] = [plot.posToVal(left, "x"), plot.posToVal(left + wide, "x")];
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          latest.current.look({ range: { fromMs: from, toMs: to } });
        },
      ],
      ready: [
        (plot) =>
          plot.over.addEventListener("click", () => {
            const { left = -1 } = plot.cursor;
            if (left >= 0) latest.current.look({ atMs: plot.posToVal(left, "x") });
          }),
      ],
    },
  };
}
