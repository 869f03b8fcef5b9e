import type { Driver } from "../driver/driver.ts";
import type { RunFolder } from "../history/run-store.ts";
import type { ClientLibrary } from "../libraries/library.ts";
import { type HeaderEvent, HISTORY_SCHEMA_VERSION } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import { lookEveryMs } from "../observe/observer.ts";
import { failoverSettings } from "../topology/registry.ts";
import { addedByPlugins } from "./plugins.ts";
import type { Scenario } from "./schema.ts";

/** What of a run's options stands in its header. */
export interface HeaderOptions {
  readonly seed: number;
  readonly valkey: string;
  readonly replay: string;
  readonly driver: Pick<Driver, "name">;
}

/** First line of the history: what ran, on what. */
export function headerOf(
  scenario: Scenario,
  options: HeaderOptions,
  library: ClientLibrary,
  folder: RunFolder,
  plan: Plan,
  startedAt: string,
): HeaderEvent {
  return {
    type: "header",
    at: 0,
    schemaVersion: HISTORY_SCHEMA_VERSION,
    runId: folder.id,
    scenario: scenario.name,
    seed: options.seed,
    startedAt,
    topology: {
      kind: plan.kind,
      driver: options.driver.name,
      valkey: options.valkey,
      nodes: plan.nodes.map(({ name, role, endpoint, shard }) => ({ name, role, endpoint, shard })),
      shards: plan.shards,
      quorum: plan.quorum,
      lookEveryMs: lookEveryMs(plan),
      settings: failoverSettings(scenario.topology),
    },
    client: {
      name: library.name,
      version: library.version ?? "unknown",
      recovery: library.recovery[plan.kind],
    },
    waitReplicas: scenario.durability.waitReplicas,
    expect: scenario.expect,
    ...pluginsOfRun(),
    replay: options.replay,
  };
}

function pluginsOfRun(): Pick<HeaderEvent, "plugins"> {
  const { paths, checkers } = addedByPlugins();
  return paths.length + checkers.length > 0 ? { plugins: { paths, checkers } } : {};
}
