import type { BakeoffRun } from "../../model/bakeoff.ts";
import type { CounterStep } from "../server-counters.ts";
import type { Run } from "./run-record.ts";

type Counted = Pick<BakeoffRun, "redirects" | "connections" | "serverPushes" | "serverErrors">;

/** What the servers counted: the same for every library, whatever it tells of itself. */
export function serversOf({ steps, faultAt = Infinity }: Run): Counted {
  const sum = (of: readonly CounterStep[], count: (step: CounterStep) => number) =>
    of.reduce((total, step) => total + count(step), 0);
  const connections = ({ connections: opened }: CounterStep) => opened;
  const before = steps.filter(({ to }) => to <= faultAt);
  const after = steps.filter(({ to }) => to > faultAt);
  return {
    redirects: { moved: sum(steps, ({ moved }) => moved), ask: sum(steps, ({ ask }) => ask) },
    connections: {
      before: Math.max(0, sum(before, connections)),
      after: Math.max(0, sum(after, connections)),
      peakPerSecond: peak(after),
    },
    serverPushes: sum(
      steps.filter(({ role }) => role === "primary"),
      ({ calls }) => calls.rpush ?? 0,
    ),
    serverErrors: total(after.map(({ errors }) => errors)),
  };
}

/** Most connections in any one second, over all nodes. */
function peak(steps: readonly CounterStep[]): number {
  const inSecondTo = (end: number) =>
    steps
      .filter(({ to }) => to > end - 1e9 && to <= end)
      .reduce((sum, { connections }) => sum + connections, 0);
  return Math.max(0, ...steps.map(({ to }) => inSecondTo(to)));
}

function total(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const one of counts)
    for (const [name, count] of Object.entries(one)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}
