import { address } from "../phrases/told.ts";
import { facts, type SideFacts } from "./side-input.ts";

/** Settings that INFO shows, by their name in the configuration. */
const SETTINGS = {
  maxmemory: "maxmemory",
  maxmemory_policy: "maxmemory-policy",
  repl_backlog_size: "repl-backlog-size",
  slave_priority: "replica-priority",
  maxclients: "maxclients",
} as const;

/** The output of INFO; `undefined`: it is none. */
export function infoFacts(text: string): SideFacts | undefined {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, name, value] = /^([a-z_][a-z0-9_-]*):(.*)$/i.exec(line.trim()) ?? [];
    if (name !== undefined && value !== undefined && !fields.has(name)) fields.set(name, value);
  }
  const version = fields.get("valkey_version") ?? fields.get("redis_version");
  const runId = /^[0-9a-f]{40}$/.exec(fields.get("run_id") ?? "")?.[0];
  if (version === undefined && runId === undefined) return undefined;
  const mode = fields.get("server_mode") ?? fields.get("redis_mode");
  const replicas = [...fields].flatMap(([name, value]) => (/^slave\d+$/.test(name) ? replicaOf(value) : []));
  const settings = Object.entries(SETTINGS).flatMap(([field, name]) => {
    const value = fields.get(field);
    return value === undefined ? [] : [[name, value]];
  });
  const primary = address(fields.get("master_host"), fields.get("master_port"));
  return facts(
    "INFO",
    [
      {
        kind: mode === "sentinel" ? "sentinel" : "server",
        refs: [],
        port: numberIn(fields.get("tcp_port")),
        pid: numberIn(fields.get("process_id")),
        runId,
        version: version && `${fields.has("valkey_version") ? "valkey" : "redis"} ${version.slice(0, 30)}`,
        ...roleOf(fields.get("role")),
        settings: Object.fromEntries(settings),
      },
    ],
    { servers: [...replicas, ...(primary && primary !== "a:" ? [primary] : [])] },
  );
}

function roleOf(role: string | undefined): { role?: "primary" | "replica" } {
  if (role === "master" || role === "primary") return { role: "primary" };
  return role === "slave" || role === "replica" ? { role: "replica" } : {};
}

/** `ip=10.0.0.2,port=6379,state=online,…` */
function replicaOf(value: string) {
  const [, host, port] = /(?:^|,)ip=([^,]+),port=(\d+)/.exec(value) ?? [];
  return host === undefined ? [] : (address(host, port) ?? []);
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
