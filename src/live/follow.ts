import type { HistoryEvent } from "../model/event.ts";
import type { LiveStatus, LiveStep } from "../model/live.ts";
import type { LiveAppSetup } from "../model/live-app.ts";
import type { FollowedApp } from "../run/app-orders.ts";
import type { RecordedDrill } from "../run/run-scenario.ts";
import { titleOf } from "../scenario/steps/registry.ts";
import { liveNodes, liveSource } from "./source.ts";

/**
 * A drill as a live page follows it: its steps, and in the end what became of it. The time stands still from then on.
 */
export function followDrill(drill: RecordedDrill) {
  const { runId, scenario, startedAt, options, plan, app } = drill;
  const steps: LiveStep[] = scenario.steps.map((step, index) => ({
    index,
    name: titleOf(step),
    status: "waiting",
  }));
  let ended: LiveStatus["ended"] = null;
  let endMs: number | undefined;
  drill.onEvent((event: HistoryEvent) => {
    if (event.type === "end") endMs = event.at / 1e6;
    if (event.type !== "step") return;
    const { index, name, status, detail } = event;
    steps[index] = { index, name, status, ...(detail !== undefined && { detail }) };
  });
  const setup = {
    id: runId,
    title: scenario.name,
    mode: "watch" as const,
    kind: plan.kind,
    driver: options.driver.name,
    valkey: options.valkey,
    startedAt,
    nodes: liveNodes(plan),
    shards: plan.shards,
    faults: [],
    workloads: [],
    clients: [],
    ...(app !== undefined && { app: setupOf(app) }),
  };
  const status = (): LiveStatus => ({
    workload: null,
    client: scenario.client,
    busy: [],
    steps: [...steps],
    over: endMs !== undefined,
    ended,
  });
  const source = liveSource(drill, setup, status);
  return {
    /** What the page may order: an application's instances are restarted, where the drill started them. */
    control: app?.canRestart
      ? {
          "restart-app": async ({ instance }: { readonly instance: string }) => {
            await app.restart(instance);
            return {};
          },
        }
      : {},
    source: { ...source, nowMs: () => endMs ?? source.nowMs() },
    /** Tells how it ended; `report` is where its page is, seen from the live page. */
    end: (verdict: string, text: string, report: string | null) => {
      ended = { verdict, text, report };
    },
  };
}

function setupOf({ header, canRestart }: FollowedApp): LiveAppSetup {
  const { started, probes } = header;
  return {
    ...(started !== undefined && { started }),
    asks: Object.fromEntries(probes.map(({ name, asks }) => [name, asks])),
    canRestart,
  };
}
