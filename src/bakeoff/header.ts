import type { RunFolder } from "../history/run-store.ts";
import { type HeaderEvent, HISTORY_SCHEMA_VERSION } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import { lookEveryMs } from "../observe/observer.ts";
import { failoverSettings } from "../topology/registry.ts";
import type { TopologySpec } from "../topology/spec.ts";
import type { CellOptions, CellPlan } from "./cell-plan.ts";

/** First line of a run's history: what ran, on what. */
export function headerOf(
  { scenario, kind, library, version, profile }: CellPlan,
  { driver, valkey, seed, replay, spec }: CellOptions & { readonly spec: TopologySpec },
  folder: RunFolder,
  plan: Plan,
  startedAt: string,
): HeaderEvent {
  return {
    type: "header",
    at: 0,
    schemaVersion: HISTORY_SCHEMA_VERSION,
    runId: folder.id,
    scenario: `bakeoff-${kind}-${scenario.name}`,
    seed,
    startedAt,
    topology: {
      kind,
      driver: driver.name,
      valkey,
      nodes: plan.nodes.map(({ name, role, endpoint, shard }) => ({ name, role, endpoint, shard })),
      shards: plan.shards,
      quorum: plan.quorum,
      lookEveryMs: lookEveryMs(plan),
      settings: failoverSettings(spec),
    },
    client: { name: `${library}, ${profile.name}`, version },
    waitReplicas: 0,
    expect: {},
    replay,
  };
}
