import { APP_WORDS, type ProbeResult } from "../../model/app-result.ts";
import type { Result } from "../../model/result.ts";
import { type Metric, numbers, type Sample, seconds } from "./prometheus-metric.ts";

/** Of an application under the drill, and of each of its probes. */
export const APP_METRICS: readonly Metric[] = [
  {
    name: "app_word",
    help: "1 for each word for what became of the application, 0 for the others. All 0: not known.",
    samples: ({ app }) =>
      app === undefined ? [] : APP_WORDS.map((word) => [{ word }, app.words.includes(word) ? 1 : 0]),
  },
  {
    name: "app_recovered_seconds",
    help: "Longest time from a fault until every probe went well again. Absent: it did not, or no probe told.",
    samples: ({ app }) =>
      app === undefined || app.recoveredAfterMs === null ? [] : [[{}, seconds(app.recoveredAfterMs)]],
  },
  {
    name: "app_restarts",
    help: "How often an instance of the application was started anew.",
    samples: ({ app }) => (app === undefined ? [] : [[{}, app.restarts]]),
  },
  {
    name: "app_memory_bytes",
    help: "Memory of all instances together: at first, at most, and at last.",
    samples: ({ app }) => {
      if (app === undefined || app.memory === null) return [];
      const { firstBytes: first, maxBytes: max, lastBytes: last } = app.memory;
      return numbers("when", { first, max, last });
    },
  },
  {
    name: "app_probe_operations",
    help: "What a probe asked, by how it ended: fail surely did not happen, info may have.",
    samples: each(({ ok, failed, unknown }) => numbers("outcome", { ok, fail: failed, info: unknown })),
  },
  {
    name: "app_probe_outage_seconds",
    help: "Longest time that a probe had no success. Absent if it did not end or was not measured.",
    samples: each(({ outageMs }) => measured(outageMs)),
  },
  {
    name: "app_probe_out",
    help: "1 if the probe had no success when it was last seen, else 0.",
    samples: each(({ outages }) => [[{}, outages.some(({ endMs }) => endMs === null) ? 1 : 0]]),
  },
  {
    name: "app_probe_latency_seconds",
    help: "Latency of a probe, from the time at which each was due; quantile 1 is the longest.",
    samples: each(({ p50Ms, p99Ms, maxMs }) => [
      ...measured(p50Ms, "0.5"),
      ...measured(p99Ms, "0.99"),
      ...measured(maxMs, "1"),
    ]),
  },
  {
    name: "app_probe_writes",
    help: "A probe's writes that are gone though acknowledged, or were done twice. Absent: no probe can tell.",
    samples: each(({ lost, duplicated }) => [
      ...(lost === null ? [] : numbers("fate", { lost })),
      ...(duplicated === null ? [] : numbers("fate", { duplicated })),
    ]),
  },
  {
    name: "app_connections",
    help: "The application's connections to each node when the drill looked last. Absent: it did not answer.",
    samples: ({ app }) =>
      (app?.connections ?? [])
        .filter(({ answered }) => answered)
        .map(({ node, superseded, count }) => [{ node, superseded: String(superseded) }, count]),
  },
];

function each(of: (probe: ProbeResult) => readonly Sample[]): (result: Result) => readonly Sample[] {
  return ({ app }) =>
    (app?.probes ?? []).flatMap((probe) =>
      of(probe).map(([labels, value]): Sample => [{ probe: probe.name, ...labels }, value]),
    );
}

function measured(ms: number | null, quantile?: string): Sample[] {
  return ms === null ? [] : [[quantile === undefined ? {} : { quantile }, seconds(ms)]];
}
