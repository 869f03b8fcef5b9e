import { stringify } from "yaml";
import type { ReasonTold } from "../../model/explanation.ts";
import { candidates, type Known } from "./told.ts";
import { lasted } from "./words.ts";

/** A scenario that rehearses an incident, and where it differs. */
export interface Rehearsal {
  readonly scenario: string;
  readonly notes: readonly string[];
}

type WrittenStep = Readonly<Record<string, unknown>>;

/** The fault that does what became of the primary. */
const FAULTS: Readonly<Record<string, string>> = {
  "shut-down": "stop",
  crashed: "kill",
  "out-of-memory": "kill",
  "process-ended": "kill",
  restarted: "restart",
  "cut-off": "cut",
  "stood-still": "pause",
  "not-reached": "pause",
  silent: "kill",
  asked: "failover",
  unknown: "kill",
};
const LONGEST_AWAY_MS = 60_000;
const LEAST_AWAY_MS = 1_000;

/**
 * Writes the drill: the topology as the logs tell it, the settings that are known, and a fault like the one that they
 * tell of.
 */
export function rehearsalOf(known: Known, reasons: readonly ReasonTold[]): Rehearsal {
  const { incident, begin } = known;
  const isHa = incident.system.kind === "ha";
  const notes: string[] = [];
  const fault = FAULTS[begin.code] ?? "kill";
  const primary = isHa ? "primary" : "shard:1/primary";
  const target = fault === "failover" && !isHa ? "shard:1/replica" : primary;
  const before = preparation(known, reasons, notes);
  const promoted = incident.promoted !== undefined;
  const away = begin.backAt === undefined ? undefined : begin.backAt - begin.at;
  const heals = fault !== "restart" && fault !== "failover";
  const within = `${Math.ceil(Math.max(20_000, 3 * ((incident.promotedAt ?? incident.lastAt) - begin.at)) / 1000)}s`;
  const steps: WrittenStep[] = [
    { start: { "unique-writes": { writesPerSecond: 100, readsPerSecond: 50 } } },
    { wait: "2s" },
    ...before.steps,
    { inject: { fault, target } },
    ...(promoted && fault !== "restart" && fault !== "failover"
      ? [{ await: { condition: "promoted", within } }]
      : [{ wait: `${Math.round(Math.min(LONGEST_AWAY_MS, Math.max(LEAST_AWAY_MS, away ?? 10_000)))}ms` }]),
    ...(heals ? [{ heal: fault }] : []),
    ...before.undo,
    { await: { condition: "rejoined", within: "60s" } },
    { await: { condition: "recovered", within: "60s" } },
  ];
  if (begin.code === "unknown" || begin.code === "silent")
    notes.push("What became of the primary is not known: the drill kills it.");
  if (begin.code === "not-reached")
    notes.push(
      "Whether the primary stood still or was cut off is not known: the drill lets it stand still. Try `fault: cut` " +
        "as well.",
    );
  if (begin.code === "crashed" || begin.code === "out-of-memory")
    notes.push("The drill kills the process (SIGKILL) in place of the crash.");
  if (away !== undefined && away > LONGEST_AWAY_MS)
    notes.push(`The primary was away for ${lasted(away)}; the drill brings it back sooner.`);
  for (const { name, value, from } of known.settings.all)
    if (from === "inferred") notes.push(`${name} ${value} was inferred from the times of lines.`);
  const scenario = {
    name: `incident-${new Date(begin.at)
      .toISOString()
      .slice(0, 19)
      .replaceAll(/[^0-9]/g, "-")}`,
    description: `Rehearses what the logs tell of ${new Date(begin.at).toISOString()}: ${isHa ? "HA" : "a cluster"}, the primary ${begin.code.replaceAll("-", " ")}.`,
    topology: topologyOf(known, notes),
    steps,
    expect: expectations(known, fault),
  };
  const head = ["Written by valkey-drill explain from the logs of an incident.", ...notes].map(
    (text) => `# ${text}\n`,
  );
  return { scenario: `${head.join("")}${stringify(scenario)}`, notes };
}

function expectations({ incident, begin }: Known, fault: string): Record<string, unknown> {
  const promoted = incident.promoted !== undefined;
  const alive = fault === "pause" || fault === "cut" || fault === "failover";
  return {
    ...(fault === "failover" || fault === "restart" ? {} : { promoted }),
    ...(promoted && alive && incident.system.kind === "ha" ? { splitBrain: "expected" } : {}),
    lostAcknowledgedWrites: begin.code === "restarted" || (alive && promoted) ? 100_000 : "replicated",
  };
}

/** What was broken already when the primary was lost, as far as the reasons tell. */
function preparation(
  known: Known,
  reasons: readonly ReasonTold[],
  notes: string[],
): { steps: WrittenStep[]; undo: WrittenStep[] } {
  const { incident } = known;
  const isHa = incident.system.kind === "ha";
  const has = (...codes: string[]) => reasons.some(({ reason }) => codes.includes(reason));
  if (incident.promoted !== undefined) return { steps: [], undo: [] };
  const sentinels = incident.system.nodes.filter(({ kind }) => kind === "sentinel").length;
  if (
    isHa &&
    has("sentinel-quorum-lost", "no-sentinel-alive", "quorum-not-reached", "not-elected") &&
    sentinels > 1
  ) {
    const down = Array.from({ length: Math.ceil(sentinels / 2) }, (_, index) => `sentinel-${index + 1}`);
    notes.push("Which Sentinels could not act is not always told: the drill stops more than half of them.");
    return { steps: [{ inject: { fault: "stop", target: down } }], undo: [{ heal: "stop" }] };
  }
  if (has("no-good-replica", "no-replica", "shard-without-replica") && !has("replica-priority")) {
    const target = isHa ? "replicas" : "shard:1/replicas";
    notes.push("The drill shuts the replicas down first, as none could be promoted.");
    return { steps: [{ inject: { fault: "stop", target } }], undo: [{ heal: "stop" }] };
  }
  if (has("replica-data-too-old")) {
    const steps = [{ inject: { fault: "cut", target: "shard:1/primary>shard:1/replica" } }, { wait: "10s" }];
    return { steps, undo: [{ heal: "cut" }] };
  }
  if (has("primaries-majority-lost")) {
    return { steps: [{ inject: { fault: "kill", target: "shard:2/primary" } }], undo: [] };
  }
  return { steps: [], undo: [] };
}

function topologyOf(known: Known, notes: string[]): Record<string, unknown> {
  const { incident, settings } = known;
  const { system } = incident;
  const number = (name: string) => {
    const value = Number(settings.value(name) ?? Number.NaN);
    return Number.isInteger(value) && value >= 50 ? Math.min(value, 600_000) : undefined;
  };
  const config = configOf(known);
  const servers = system.nodes.filter(({ kind }) => kind !== "sentinel").length;
  if (system.kind === "ha") {
    const sentinels = system.nodes.filter(({ kind }) => kind === "sentinel").length;
    if (sentinels === 0) notes.push("No Sentinel is known: the drill has three.");
    const quorum = Number(settings.value("quorum") ?? Number.NaN);
    const [downAfterMs, failoverTimeoutMs] = [number("down-after-milliseconds"), number("failover-timeout")];
    if (downAfterMs === undefined)
      notes.push("down-after-milliseconds is not known: the drill has its own default.");
    return {
      kind: "ha",
      replicas: Math.max(1, servers - 1),
      sentinels: sentinels || 3,
      ...(quorum >= 1 && quorum <= (sentinels || 3) && { quorum }),
      ...(downAfterMs !== undefined && { downAfterMs }),
      ...(failoverTimeoutMs !== undefined && { failoverTimeoutMs }),
      ...config,
    };
  }
  const primaries = [...incident.roles.first.values()].filter(({ role }) => role === "primary").length;
  const replicas = candidates(known).length;
  const nodeTimeoutMs = number("cluster-node-timeout");
  if (nodeTimeoutMs === undefined)
    notes.push("cluster-node-timeout is not known: the drill has its own default.");
  const coverage = settings.value("cluster-require-full-coverage");
  const saidFail = known.events.some(({ kind, data }) => kind === "cluster-state" && data.detail === "fail");
  return {
    kind: "cluster",
    shards: Math.max(3, primaries),
    replicas: Math.max(1, replicas),
    ...(nodeTimeoutMs !== undefined && { nodeTimeoutMs }),
    ...(coverage === "no" || (coverage === undefined && !saidFail) ? { requireFullCoverage: false } : {}),
    ...config,
  };
}

/** Settings of data nodes that decide what happens. */
const CONFIG: readonly string[] = [
  "min-replicas-to-write",
  "min-replicas-max-lag",
  "replica-priority",
  "cluster-replica-validity-factor",
  "cluster-replica-no-failover",
  "repl-timeout",
  "repl-ping-replica-period",
  "repl-backlog-size",
  "appendonly",
  "appendfsync",
];

function configOf({ settings, incident }: Known): { config?: Record<string, string> } {
  const found = settings.all.filter(
    ({ name, from, value }) =>
      CONFIG.includes(name) &&
      from === "told" &&
      /^[\w.-]+$/.test(value) &&
      (incident.system.kind === "cluster" || !name.startsWith("cluster-")),
  );
  if (found.length === 0) return {};
  return { config: Object.fromEntries(found.map(({ name, value }) => [name, value])) };
}
