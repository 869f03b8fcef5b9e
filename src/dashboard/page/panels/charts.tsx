import { useMemo } from "preact/hooks";
import { Chart } from "../../../report/html/page/charts/chart.tsx";
import type { View } from "../../../report/html/page/view.ts";
import { modelFaults } from "../logic/nodes-at.ts";
import { seriesOf } from "../logic/series.ts";
import type { LivePanelProps } from "../view.ts";

/** Operations, latency and errors, moving with the time or around the moment that is looked at. */
export function Charts({ session, atMs, range, look }: LivePanelProps) {
  const { fromMs, toMs } = range;
  const series = useMemo(
    () => seriesOf(session, { fromMs, toMs }),
    [session.version, session.setup.id, fromMs, toMs],
  );
  const shared = {
    model: { faults: modelFaults(session), durationMs: session.nowMs },
    view: { atMs, range },
    look: ({ atMs: chosenMs, range: dragged }: Partial<View>) => {
      if (chosenMs !== undefined) look({ stoppedMs: Math.min(session.nowMs, Math.max(0, chosenMs)) });
      if (dragged !== undefined)
        look({ stoppedMs: (dragged.fromMs + dragged.toMs) / 2, spanMs: dragged.toMs - dragged.fromMs });
    },
    times: series.times,
  };
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
