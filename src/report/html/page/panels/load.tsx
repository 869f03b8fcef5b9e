import { useMemo } from "preact/hooks";
import { formatMs, formatNumber } from "../../../numbers.ts";
import { Chart } from "../charts/chart.tsx";
import { heatUnder } from "../charts/heat.ts";
import { bucketTimes, cutOf, errors, figuresOf, latencies, throughput } from "../logic/load-series.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { PanelProps } from "../view.ts";
import type { PanelEntry } from "./panel.ts";

/** Throughput, latency and errors over time. */
export const load: PanelEntry = {
  id: "load",
  title: "Load, latency and errors",
  short: "load",
  hint:
    "An operation stands at the time at which it was due. Hatched: a fault is in force. Plain band: " +
    "valkey-drill itself stood still, so nothing was observed. Drag to zoom, click to choose the moment.",
  applies: (model) => model.result.operations.total > 0,
  Panel: LoadPanel,
};

function LoadPanel(props: PanelProps) {
  const { load } = props.model;
  const charts = useMemo(
    () => ({
      times: bucketTimes(load),
      throughput: throughput(load),
      latencies: latencies(load),
      errors: errors(load),
      heat: heatUnder(load),
    }),
    [load],
  );
  const of =
    load.latency.of === "probe"
      ? "of the probe's operations that ended ok"
      : "of the operations that ended ok";
  const { edgesMs } = load.latency;
  const used = load.latency.heat.flatMap((cells) => cells.filter((_, index) => index % 2 === 0));
  const bounds = [
    edgesMs[Math.min(...used, edgesMs.length)] ?? 0.1,
    edgesMs[Math.max(...used, 0) + 1] ?? 10_000,
  ] as const;
  const cutAt = cutOf(charts.throughput);
  return (
    <>
      <Chart
        {...props}
        title={`Operations per second${cutAt === undefined ? "" : `; bursts above ${formatNumber(cutAt)} are cut off`}`}
        cutAt={cutAt}
        unit="/s"
        times={charts.times}
        series={charts.throughput}
      />
      <Chart
        {...props}
        title={`Latency ${of}, percentiles`}
        unit="ms"
        logarithmic
        times={charts.times}
        series={charts.latencies}
      />
      <Chart
        {...props}
        title={`Latency ${of}, heat map: darker where more took that long`}
        unit="ms"
        logarithmic
        bounds={bounds}
        times={charts.times}
        series={charts.latencies.slice(3)}
        under={charts.heat}
      />
      {charts.errors.length > 0 && (
        <Chart
          {...props}
          title="Errors per second, by class"
          unit="/s"
          times={charts.times}
          series={charts.errors}
        />
      )}
      <DataTable
        table={{
          title: "The same in numbers",
          columns: ["", "ok per second", "failed or unknown", "half within", "99% within"],
          rows: figuresOf(props.model).map(({ name, okPerSecond, bad, p50Ms, p99Ms }) => [
            name,
            formatNumber(okPerSecond),
            formatNumber(bad),
            p50Ms === null ? "—" : formatMs(p50Ms),
            p99Ms === null ? "—" : formatMs(p99Ms),
          ]),
        }}
      />
    </>
  );
}
