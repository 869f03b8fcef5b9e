import { didYouMean } from "../../base/nearest.ts";
import type { SettingValue } from "../../model/matrix.ts";
import type { TopologyKind } from "../../model/plan.ts";

/** A scenario as it is written, before it is read by its schema. */
export interface Written {
  readonly topology: { readonly kind: TopologyKind; readonly config?: Record<string, unknown> };
  readonly durability?: object;
  /** An application under the drill, with its environment variables. */
  readonly app?: { readonly env?: Readonly<Record<string, unknown>> };
  readonly steps: readonly unknown[];
}

interface Setting {
  /** Undefined: of both. */
  readonly of?: TopologyKind;
  /** Where it stands in a scenario. */
  readonly at: readonly [part: "topology" | "durability" | "config" | "env", key: string];
}

const DIRECTIVES = [
  "appendfsync",
  "appendonly",
  "cluster-replica-validity-factor",
  "min-replicas-max-lag",
  "min-replicas-to-write",
  "repl-backlog-size",
  "repl-diskless-sync-delay",
  "repl-ping-replica-period",
  "repl-timeout",
  "replica-priority",
] as const;

/** What a grid may vary, by the servers' own names where they have one. */
const SETTINGS: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ["waitReplicas", { at: ["durability", "waitReplicas"] }],
  ["replicas", { at: ["topology", "replicas"] }],
  ["down-after-milliseconds", { of: "ha", at: ["topology", "downAfterMs"] }],
  ["failover-timeout", { of: "ha", at: ["topology", "failoverTimeoutMs"] }],
  ["quorum", { of: "ha", at: ["topology", "quorum"] }],
  ["sentinels", { of: "ha", at: ["topology", "sentinels"] }],
  ["cluster-node-timeout", { of: "cluster", at: ["topology", "nodeTimeoutMs"] }],
  ["cluster-require-full-coverage", { of: "cluster", at: ["topology", "requireFullCoverage"] }],
  ...DIRECTIVES.map((name): [string, Setting] => [name, { at: ["config", name] }]),
]);

/**
 * Names of what a grid may vary; besides these, any directive of valkey.conf as `config.NAME`, and any environment
 * variable of the application as `app.env.NAME`.
 */
export const GRID_SETTINGS: readonly string[] = [...SETTINGS.keys()];

const CONFIG = /^config\.([a-z][a-z0-9-]*)$/;
const ENV = /^app\.env\.([A-Za-z_]\w*)$/;

/** Why it is nothing that a grid over a topology of that kind can vary; undefined if it is. */
export function whyNot(name: string, { topology: { kind }, app }: Written): string | undefined {
  const setting = settingNamed(name);
  if (!setting) {
    const more =
      "config.NAME for any other directive of valkey.conf, app.env.NAME for a variable of the application";
    const known = `${GRID_SETTINGS.join(", ")}; ${more}`;
    return `no setting is named "${name}".${didYouMean(name, GRID_SETTINGS)} There are: ${known}`;
  }
  if (setting.at[0] === "env" && app === undefined)
    return `"${name}" is an environment variable of an application, and the scenario has no app`;
  if (setting.of === undefined || setting.of === kind) return undefined;
  const other = setting.of === "ha" ? "Sentinel" : "Cluster";
  return `"${name}" is a setting of ${other}, and the scenario's topology is ${kind}`;
}

/** The scenario with that setting. */
export function withSetting<T extends Written>(scenario: T, name: string, value: SettingValue): T {
  const [part, key] = settingNamed(name)?.at ?? ["config", name];
  const { topology, durability, app } = scenario;
  if (part === "env") return { ...scenario, app: { ...app, env: { ...app?.env, [key]: value } } };
  if (part === "durability") return { ...scenario, durability: { ...durability, [key]: value } };
  if (part === "config")
    return { ...scenario, topology: { ...topology, config: { ...topology.config, [key]: value } } };
  return {
    ...scenario,
    topology: { ...topology, [key]: value === "yes" || (value === "no" ? false : value) },
  };
}

/** The setting that stands at that place of a scenario, among those given. */
export function settingAt(path: readonly PropertyKey[], names: readonly string[]): string | undefined {
  return names.find((name) => {
    const setting = settingNamed(name);
    return setting !== undefined && path.includes(setting.at[1]);
  });
}

function settingNamed(name: string): Setting | undefined {
  const [directive, variable] = [CONFIG.exec(name)?.[1], ENV.exec(name)?.[1]];
  if (variable !== undefined) return { at: ["env", variable] };
  return directive === undefined ? SETTINGS.get(name) : { at: ["config", directive] };
}
