import type { Result } from "../../model/result.ts";
import { printable } from "../terminal/format.ts";
import { APP_METRICS } from "./prometheus-app.ts";
import { type Labels, type Metric, numbers, seconds } from "./prometheus-metric.ts";

const VERDICTS = ["pass", "fail", "unknown"] as const;

const METRICS: readonly Metric[] = [
  {
    name: "verdict",
    help: "1 for the verdict of the drill, 0 for the others.",
    samples: (result) => oneHot(result.verdict),
  },
  {
    name: "accepted",
    help: "What a drill that passed let go, and the line of the scenario that allows it. Absent: nothing.",
    samples: ({ accepted = [] }) =>
      accepted.map(({ what, allowedBy, count }) => [{ what, allowed_by: allowedBy ?? "" }, count]),
  },
  {
    name: "unreplicated_seconds",
    help: "Before a primary was lost: for how long nothing that it acknowledged had been seen on a replica.",
    samples: ({ replication = [] }) =>
      replication.map(({ primary, atMs, unseenMs }) => [
        { primary, at: String(seconds(atMs)) },
        seconds(unseenMs),
      ]),
  },
  {
    name: "history_verified",
    help: "1 if the history is what was recorded, by its own digest; 0 if nobody can tell, or it is not.",
    samples: ({ history }) => (history ? [[{}, history.verified ? 1 : 0]] : []),
  },
  {
    name: "check_verdict",
    help: "1 for the verdict of the check, 0 for the others.",
    samples: ({ checks }) =>
      checks.flatMap(({ name, verdict }) =>
        oneHot(verdict).map(([labels, value]) => [{ check: name, ...labels }, value] as const),
      ),
  },
  {
    name: "outage_seconds",
    help: "Longest outage over the faults of the drill. Absent if it did not end or was not measured.",
    samples: ({ outage }) => [...measured("write", outage.writeMs), ...measured("read", outage.readMs)],
  },
  {
    name: "failover_phase_seconds",
    help: "When a phase of the first failover was reached, since the fault.",
    samples: ({ failover }) => failover.phases.map(({ name, atMs }) => [{ phase: name }, seconds(atMs)]),
  },
  {
    name: "operations",
    help: "Operations by how they ended: fail surely did not happen, info may have.",
    samples: ({ operations: { ok, fail, info } }) => numbers("outcome", { ok, fail, info }),
  },
  {
    name: "operations_per_second",
    help: "All operations, over the time from the first to the last.",
    samples: ({ operations }) => [[{}, operations.perSecond]],
  },
  {
    name: "writes",
    help: "Writes by what became of them; acknowledged is survived, lost and what could not be read.",
    samples: ({ writes }) => numbers("fate", writes),
  },
  {
    name: "latency_seconds",
    help:
      "Latency of the probe's operations that ended ok, from the time at which each was due; quantile 1 is the " +
      "longest.",
    samples: ({ latency: { p50Ms, p99Ms, p999Ms, maxMs } }) =>
      numbers("quantile", {
        "0.5": seconds(p50Ms),
        "0.99": seconds(p99Ms),
        "0.999": seconds(p999Ms),
        "1": seconds(maxMs),
      }),
  },
  {
    name: "redirects",
    help: "Redirects that the client followed. Absent if its library does not tell.",
    samples: ({ redirects: { moved, ask } }) =>
      moved === null || ask === null ? [] : numbers("kind", { moved, ask }),
  },
  {
    name: "duration_seconds",
    help: "How long the drill was recorded.",
    samples: ({ durationMs }) => [[{}, seconds(durationMs)]],
  },
  {
    name: "start_time_seconds",
    help: "When the drill began, in seconds since 1970.",
    samples: ({ startedAt }) => [[{}, Date.parse(startedAt) / 1000]],
  },
  ...APP_METRICS,
];

/**
 * The final figures in the text format that Prometheus reads, all of them gauges:
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function renderPrometheus(results: readonly Result[]): string {
  const labelled = withLabels(printable(results));
  return METRICS.map(({ name, help, samples }) => {
    const full = `valkey_drill_${name}`;
    const lines = labelled.flatMap(({ result, labels }) =>
      samples(result).map(([own, value]) => `${full}${drawn({ ...labels, ...own })} ${value}`),
    );
    return lines.length === 0 ? "" : `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines.join("\n")}\n`;
  }).join("");
}

/** Two samples must not have the same labels: drills that are alike in all else are numbered. */
function withLabels(results: readonly Result[]): { result: Result; labels: Labels }[] {
  const seen = new Map<string, number>();
  return results.map((result) => {
    const { scenario, topology, client } = result;
    const labels = {
      scenario,
      topology: topology.kind,
      driver: topology.driver,
      valkey: topology.valkey,
      client: `${client.name} ${client.version}`,
    };
    const same = (seen.get(drawn(labels)) ?? 0) + 1;
    seen.set(drawn(labels), same);
    return { result, labels: same === 1 ? labels : { ...labels, repeat: String(same) } };
  });
}

function oneHot(verdict: Result["verdict"]): [Labels, number][] {
  return VERDICTS.map((one) => [{ verdict: one }, one === verdict ? 1 : 0]);
}

function measured(kind: string, ms: number | null): [Labels, number][] {
  return ms === null ? [] : [[{ kind }, seconds(ms)]];
}

function drawn(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
