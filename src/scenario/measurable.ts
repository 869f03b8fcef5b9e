import type { TopologyKind } from "../model/plan.ts";
import { STALL_MS } from "../service/limits.ts";
import { WORKLOADS } from "../workload/registry.ts";
import type { Measures } from "../workload/workload.ts";
import { STEPS } from "./steps/registry.ts";

/** What a scenario limits, as far as a workload must measure it. */
export interface Limits {
  readonly outage?: {
    readonly writeMs?: number;
    readonly readMs?: number;
    readonly otherShardsMs?: number;
  };
  readonly staleness?: object;
  readonly messages?: object;
  readonly jobs?: object;
}

/** A limit that nothing in the file could measure, and its place in the file. */
export interface Unmeasurable {
  readonly path: readonly string[];
  readonly message: string;
}

interface Drawn {
  readonly topology: { readonly kind: TopologyKind; readonly shards?: number };
  readonly steps: readonly { readonly action: string; readonly value: unknown }[];
  readonly expect: Limits;
}

/**
 * The limits of a scenario that its own steps cannot measure, whatever happens: no probe at all, one that sends no
 * reads, one that sends too seldom. What only a run can show (a probe that starts too late) is for the checkers.
 */
export function unmeasurable({ topology, steps, expect }: Drawn): Unmeasurable[] {
  const measures = steps.flatMap(({ action, value }) =>
    (STEPS.get(action)?.uses?.(value) ?? []).map(
      ({ name, options }) => WORKLOADS.get(name)?.measures?.(options) ?? {},
    ),
  );
  const { writeMs, readMs, otherShardsMs } = expect.outage ?? {};
  const problems: Unmeasurable[] = [];
  const say = (path: readonly string[], message: string) => problems.push({ path, message });

  for (const [name, limitMs, kinds] of [
    ["writeMs", writeMs, ["writes"]],
    ["readMs", readMs, ["reads"]],
    ["otherShardsMs", otherShardsMs, ["writes", "reads"]],
  ] as const) {
    if (limitMs === undefined) continue;
    for (const kind of kinds) {
      const why = tooSeldom(measures, kind, limitMs);
      if (why) {
        say(["expect", "outage", name], why);
        break;
      }
    }
  }
  if (otherShardsMs !== undefined && (topology.shards ?? 1) < 2) {
    const message = "there are no other shards here: that limit is for a cluster of two or more";
    say(["expect", "outage", "otherShardsMs"], message);
  }
  if (limitsAnything(expect.staleness) && best(measures, "replicaReadsPerSecond") === 0) {
    const line = startLine("replicaReadsPerSecond");
    say(["expect", "staleness"], `no step reads from replicas in a way that tells how old they are. ${line}`);
  }
  for (const [name, limits, field, what] of [
    ["messages", expect.messages, "messagesPerSecond", "publishes messages to subscribers"],
    ["jobs", expect.jobs, "jobsPerSecond", "adds jobs to a queue"],
  ] as const)
    if (limitsAnything(limits) && best(measures, field) === 0)
      say(["expect", name], `no step ${what}. ${startLine(field)}`);
  return problems;
}

/** Why no workload of the steps can hold that limit against what it measures, if none can. */
function tooSeldom(
  measures: readonly Measures[],
  kind: "writes" | "reads",
  limitMs: number,
): string | undefined {
  const field = `${kind}PerSecond` as const;
  const rate = best(measures, field);
  const advice = startLine(field);
  if (rate === 0) {
    const probe = best(measures, "writesPerSecond") > 0;
    const what = probe
      ? `the probe sends no ${kind} (${field}: 0)`
      : "no step starts a probe that sends at a fixed rate";
    return `${what}, so nothing would measure how long ${kind} fail. ${advice}`;
  }
  const everyMs = 1000 / rate;
  if (everyMs <= Math.max(limitMs, STALL_MS)) return undefined;
  const between = `${Math.round(everyMs)} ms`;
  return (
    `${field}: ${rate} leaves ${between} between two ${kind}, in which a longer outage than ${limitMs} ms ` +
    `would not show. ${advice}`
  );
}

/** `Add "- start: unique-writes" before the first fault.` */
function startLine(field: keyof Measures): string {
  const names = [...WORKLOADS.values()]
    .filter(({ options, measures }) => (measures?.(options.parse({}))[field] ?? 0) > 0)
    .map(({ name }) => `"- start: ${name}"`);
  return `Add ${names.join(" or ")} before the first fault`;
}

function best(measures: readonly Measures[], field: keyof Measures): number {
  return Math.max(0, ...measures.map((one) => one[field] ?? 0));
}

/** A limit that is off, or not there, asks for nothing. */
function limitsAnything(limits: object = {}): boolean {
  return Object.values(limits).some((limit) => limit !== undefined && limit !== false);
}
