import type { Address, SlotRange } from "../model/plan.ts";
import type { Reply } from "./admin.ts";

/** `INFO` as a map of its `name:value` lines; headings and empty lines are left out. */
export function parseInfo(reply: Reply): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of String(reply).split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith("#")) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return fields;
}

/** What `INFO replication` says that a drill needs. Offsets in bytes of the replication stream. */
export interface Replication {
  readonly role: "primary" | "replica";
  /** A replica's link to its primary; a primary's is always up. */
  readonly linkUp: boolean;
  /** What a primary has written, or a replica has applied. */
  readonly offset: number;
  /** Replicas that are connected to it and online. */
  readonly onlineReplicas: number;
  /** Whom a replica follows, as it knows it. */
  readonly primaryAt?: Address;
  /** A replica's `replica-priority`. */
  readonly priority?: string;
}

export function parseReplication(reply: Reply): Replication {
  const info = parseInfo(reply);
  const primary = info.get("role") === "master";
  return {
    role: primary ? "primary" : "replica",
    linkUp: primary || info.get("master_link_status") === "up",
    offset: Number(info.get(primary ? "master_repl_offset" : "slave_repl_offset") ?? -1),
    onlineReplicas: [...info].filter(
      ([name, value]) => /^slave\d+$/.test(name) && value.includes("state=online"),
    ).length,
    primaryAt: primary
      ? undefined
      : { host: info.get("master_host") ?? "", port: Number(info.get("master_port")) },
    priority: primary ? undefined : info.get("slave_priority"),
  };
}

/** One line of `CLUSTER NODES`. */
export interface ClusterNodeLine {
  readonly id: string;
  readonly port: number;
  readonly role: "primary" | "replica";
  readonly myself: boolean;
  /** As this node holds it: `pfail` is its own suspicion, `fail` what a majority of primaries agreed on. */
  readonly health: "ok" | "pfail" | "fail";
  readonly primaryId?: string;
  /** It has `cluster-replica-no-failover yes`. */
  readonly noFailover: boolean;
  readonly epoch: number;
  readonly connected: boolean;
  readonly slots: readonly SlotRange[];
}

/** `CLUSTER NODES`: https://valkey.io/commands/cluster-nodes/. Slots being migrated (`[…]`) are left out. */
export function parseClusterNodes(reply: Reply): ClusterNodeLine[] {
  return String(reply)
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [id = "", address = "", flagText = "", primary = "-", , , epoch = "0", link = "", ...slots] =
        line.split(" ");
      const flags = flagText.split(",");
      return {
        id,
        port: Number(/:(\d+)@/.exec(address)?.[1]),
        role: flags.includes("master") ? "primary" : "replica",
        myself: flags.includes("myself"),
        health: flags.includes("fail") ? "fail" : flags.includes("fail?") ? "pfail" : "ok",
        primaryId: primary === "-" ? undefined : primary,
        noFailover: flags.includes("nofailover"),
        epoch: Number(epoch),
        connected: link === "connected",
        slots: slots.filter((slot) => !slot.startsWith("[")).map(parseRange),
      };
    });
}

/** `0-5460` or `7` as a range. */
export function parseRange(text: string): SlotRange {
  const [first, last] = text.split("-").map(Number);
  return [first as number, last ?? (first as number)];
}

/** A flat reply of names and values (`SENTINEL MASTER`, `CONFIG GET`) as a map. */
export function pairsOf(reply: Reply): Map<string, string> {
  const map = new Map<string, string>();
  if (!Array.isArray(reply)) return map;
  for (let index = 0; index + 1 < reply.length; index += 2)
    map.set(String(reply[index]), String(reply[index + 1]));
  return map;
}

/** Counters of `INFO commandstats` and `INFO errorstats`: `cmdstat_set` → calls, `errorstat_MOVED` → count. */
export function parseCounters(reply: Reply): Record<string, number> {
  const counters: Record<string, number> = {};
  for (const [name, value] of parseInfo(reply)) {
    const count = /^(?:calls|count)=(\d+)/.exec(value)?.[1];
    if (count !== undefined) counters[name] = Number(count);
  }
  return counters;
}

/** Calls of each command that were done and did not fail, by `INFO commandstats`: `set` → 12, `xgroup|create` → 1. */
export function parseCallsDone(reply: Reply): Record<string, number> {
  const done: Record<string, number> = {};
  for (const [name, value] of parseInfo(reply)) {
    const command = /^cmdstat_(.+)$/.exec(name)?.[1];
    const calls = /\bcalls=(\d+)/.exec(value)?.[1];
    const failed = /\bfailed_calls=(\d+)/.exec(value)?.[1] ?? "0";
    if (command !== undefined && calls !== undefined) done[command] = Number(calls) - Number(failed);
  }
  return done;
}

/** Whom a node tells clients to go to: one row of `CLUSTER SLOTS`. */
export interface SlotsRow {
  readonly range: SlotRange;
  readonly id: string;
  /** Only those that it knows to hold data. */
  readonly replicas: readonly string[];
}

/** `CLUSTER SLOTS`: https://valkey.io/commands/cluster-slots/ */
export function parseClusterSlots(reply: Reply): SlotsRow[] {
  if (!Array.isArray(reply)) return [];
  return reply.map((row) => {
    const [first, last, primary, ...replicas] = row as [number, number, Reply[], ...Reply[][]];
    return {
      range: [Number(first), Number(last)],
      id: String(primary?.[2]),
      replicas: replicas.map((replica) => String(replica[2])),
    };
  });
}
