import { majority } from "../base/majority.ts";
import { SENT_TO_PROMOTE } from "../base/sent-to-promote.ts";
import { paceOf } from "../check/pace.ts";
import type { PredictedOutage, PredictedPhase } from "../model/advise.ts";
import type { Advised } from "./advised.ts";

type Phase = Omit<PredictedPhase, "setting" | "value"> & Partial<Pick<PredictedPhase, "setting" | "value">>;

/**
 * How long writes fail when the primary (of a cluster: of one shard) is killed under load, phase by phase. The least is
 * what the servers' timers make unavoidable; the likely range is what 50 measured failovers of Valkey 8.0 to 9.1 took
 * of each phase, widened to what the timers allow, and at most twice its lower end (docs/guide.md, "What advise says").
 */
export function predictOutage(advised: Advised): PredictedOutage {
  const isHa = advised.kind === "ha";
  const phases = (isHa ? sentinelPhases(advised) : clusterPhases(advised)).map(
    (phase): PredictedPhase => ({ setting: null, value: null, ...phase }),
  );
  const sum = (of: (phase: PredictedPhase) => number) =>
    phases.reduce((total, phase) => total + of(phase), 0);
  const lowMs = sum((phase) => phase.lowMs);
  return {
    of: isHa ? "the primary" : "the primary of one shard",
    minMs: sum((phase) => phase.minMs),
    lowMs,
    highMs: Math.min(
      sum((phase) => phase.highMs),
      2 * lowMs,
    ),
    endless: whyEndless(advised) ?? null,
    phases,
  };
}

function sentinelPhases(advised: Advised): Phase[] {
  const downAfterMs = Number(advised.settings["down-after-milliseconds"]);
  const alone = advised.quorum === 1;
  return [
    {
      name: "suspected",
      ...times(downAfterMs, downAfterMs, downAfterMs + 150),
      setting: "down-after-milliseconds",
      value: `${downAfterMs} ms`,
      note: "a Sentinel has had no answer for so long",
    },
    {
      name: "detected",
      ...(alone ? times(0, 0, 50) : times(0, 50, 300)),
      setting: "quorum",
      value: String(advised.quorum),
      note: alone
        ? "one Sentinel is enough"
        : "so many Sentinels agree; one that asks too early asks again after a second",
    },
    { name: "elected", ...times(0, 50, 200), note: "a majority of the Sentinels votes for one of them" },
    { name: "promoted", ...times(0, 150, 300), note: "it chooses a replica and tells it to take over" },
    {
      name: "confirmed",
      ...times(0, 800, 1000),
      note: "it sees the new role in INFO, asked for once a second",
    },
    ...replicasBack(advised),
    {
      name: "first write",
      ...times(0, 100, 400),
      note: "the client finds the new primary, as that of the drills does",
    },
  ];
}

function clusterPhases(advised: Advised): Phase[] {
  const timeoutMs = Number(advised.settings["cluster-node-timeout"]);
  const setting = "cluster-node-timeout";
  const value = `${timeoutMs} ms`;
  const pace = paceOf(advised.valkey, timeoutMs) ?? { fixedMs: 500, bestAtOnce: false, setting: null };
  const waitMs = pace.bestAtOnce ? 0 : pace.fixedMs;
  return [
    {
      name: "suspected",
      ...times(timeoutMs, timeoutMs, Math.round(1.5 * timeoutMs)),
      setting,
      value,
      note: "a node has had no answer for so long; it asks each at most half of that apart",
    },
    {
      name: "detected",
      ...times(0, 50, Math.round(timeoutMs / 2)),
      setting,
      value,
      note: "a majority of the primaries has told each other, in pings at most half of that apart",
    },
    {
      name: "election",
      ...times(waitMs, waitMs + 50, 2 * waitMs + 100),
      setting: pace.setting,
      value: pace.setting === null ? null : value,
      note: pace.bestAtOnce
        ? "the replica that ranks best asks for votes at once"
        : `the replica waits ${pace.fixedMs} ms, and up to as much again at random`,
    },
    { name: "slots owned", ...times(0, 50, 100), note: "the votes come in, and the others are told" },
    ...replicasBack(advised),
    {
      name: "first write",
      ...times(0, 100, 300),
      note: "the client finds the new primary, as that of the drills does",
    },
  ];
}

/** With `min-replicas-to-write` the new primary takes no writes before so many replicas follow it. */
function replicasBack({ settings, replicas }: Advised): Phase[] {
  const needed = Number(settings["min-replicas-to-write"]);
  if (needed === 0 || needed > replicas - 1) return [];
  return [
    {
      name: "replicas back",
      ...times(0, 50, 700),
      setting: "min-replicas-to-write",
      value: String(needed),
      note: "so many replicas follow the new primary; until then it takes no writes",
    },
  ];
}

/** Why writes do not come back by themselves; `undefined`: they do. */
export function whyEndless(advised: Advised): string | undefined {
  const { kind, replicas, settings, sentinels, shards } = advised;
  if (replicas === 0) return "there is no replica that could take over";
  if (kind === "ha" && settings["replica-priority"] === "0")
    return "replica-priority is 0 on all replicas: none is ever promoted";
  if (kind === "ha" && refusedToPromote(advised))
    return `rename-command: ${refusedToPromote(advised)} is not known by its name`;
  if (kind === "ha" && advised.quorum > sentinels) return "the quorum is more than there are Sentinels";
  if (kind === "cluster" && settings["cluster-replica-no-failover"] === "yes")
    return "cluster-replica-no-failover is yes on all replicas";
  if (kind === "cluster" && shards - 1 < majority(shards))
    return (
      `of ${shards} primaries ${majority(shards)} must ` +
      `vote, and ${shards - 1} ${shards === 2 ? "is" : "are"} left`
    );
  const needed = Number(settings["min-replicas-to-write"]);
  if (needed > replicas - 1)
    return (
      `min-replicas-to-write is ${needed}, and the new primary has ${replicas - 1} replicas until the old ` +
      `one is back`
    );
  return undefined;
}

/** Which command of Sentinel's transaction was renamed on the data nodes, and Sentinel was not told. */
export function refusedToPromote({ values, sentinelRenames }: Advised): string | undefined {
  const [renamed, told] = [values("rename-command"), sentinelRenames].map((lines) =>
    lines.map((line) => line.split(/\s/, 1)[0]?.toUpperCase() ?? ""),
  );
  return SENT_TO_PROMOTE.find((name) => renamed?.includes(name) && !told?.includes(name));
}

function times(minMs: number, lowMs: number, highMs: number) {
  return { minMs, lowMs, highMs };
}
