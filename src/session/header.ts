import type { ClientLibrary } from "../libraries/library.ts";
import { type HeaderEvent, HISTORY_SCHEMA_VERSION } from "../model/event.ts";
import type { Plan, TopologyKind } from "../model/plan.ts";
import { lookEveryMs } from "../observe/observer.ts";
import { addedByPlugins } from "../scenario/plugins.ts";
import { failoverSettings } from "../topology/registry.ts";
import type { TopologySpec } from "../topology/spec.ts";

/** What only the one who opens a session knows of it. */
export interface HeaderParts
  extends Pick<HeaderEvent, "runId" | "scenario" | "seed" | "client" | "app" | "expect" | "replay"> {
  readonly spec: TopologySpec;
  readonly driver: string;
  /** Version of the server. */
  readonly valkey: string;
  readonly waitReplicas?: number;
}

/** First line of a history: what ran, on what. */
export function headerOf(parts: HeaderParts, plan: Plan, startedAt: string): HeaderEvent {
  const { runId, scenario, seed, spec, driver, valkey, client, app, waitReplicas = 0 } = parts;
  const { expect, replay } = parts;
  return {
    type: "header",
    at: 0,
    schemaVersion: HISTORY_SCHEMA_VERSION,
    runId,
    scenario,
    seed,
    startedAt,
    topology: {
      kind: plan.kind,
      driver,
      valkey,
      nodes: plan.nodes.map(({ name, role, endpoint, shard }) => ({ name, role, endpoint, shard })),
      shards: plan.shards,
      quorum: plan.quorum,
      lookEveryMs: lookEveryMs(plan),
      settings: failoverSettings(spec),
    },
    client,
    ...(app && { app }),
    waitReplicas,
    expect,
    ...pluginsOfRun(),
    replay,
  };
}

/** The client of a drill, as a header tells of it. */
export function clientOf(
  { name, version = "unknown", recovery }: ClientLibrary,
  kind: TopologyKind,
): HeaderEvent["client"] {
  return { name, version, recovery: recovery[kind] };
}

function pluginsOfRun(): Pick<HeaderEvent, "plugins"> {
  const { paths, checkers } = addedByPlugins();
  return paths.length + checkers.length > 0 ? { plugins: { paths, checkers } } : {};
}
