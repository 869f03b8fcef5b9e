import { useMemo } from "preact/hooks";
import { Chart } from "../../../report/html/page/charts/chart.tsx";
import { chartProps } from "../logic/chart-props.ts";
import { seriesOf } from "../logic/series.ts";
import type { LivePanelProps } from "../view.ts";

/** Operations, latency and errors, moving with the time or around the moment that is looked at. */
export function Charts(props: LivePanelProps) {
  const { session, range } = props;
  const { fromMs, toMs } = range;
  const series = useMemo(
    () => seriesOf(session, { fromMs, toMs }),
    [session.version, session.setup.id, fromMs, toMs],
  );
  // Where nothing but an application is asked, its own panel has all there is.
  if (session.total === 0 && session.app.probes.size > 0) return null;
  const shared = { ...chartProps(props), times: series.times };
  return (
    <section class="panel" aria-labelledby="load-title">
      <h2 id="load-title">Load</h2>
      <p class="hint">
        An operation stands at the time at which it was due. Hatched: a fault is in force. Click for a moment,
        drag for a interval.
      </p>
      <Chart {...shared} title="Operations per second" unit="/s" series={series.throughput} />
      <Chart
        {...shared}
        title="Latency of those that ended ok"
        unit="ms"
        logarithmic
        series={series.latency}
      />
      {series.errors.length > 0 ? (
        <Chart
          {...shared}
          title="Errors per second, by class"
          unit="/s"
          height={110}
          series={series.errors}
        />
      ) : (
        <p class="faint none">No errors in this stretch of time.</p>
      )}
    </section>
  );
}
