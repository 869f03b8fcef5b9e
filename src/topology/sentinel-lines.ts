/** The name under which the Sentinels monitor the primary, where nobody gave another. */
export const SENTINEL_GROUP = "drill";

/** Directives behind `sentinel` that are of the Sentinel itself (src/sentinel.c, `sentinelHandleConfiguration`). */
const OF_ITSELF = [
  "announce-ip",
  "announce-port",
  "myid",
  "current-epoch",
  "deny-scripts-reconfig",
  "resolve-hostnames",
  "announce-hostnames",
  "sentinel-user",
  "sentinel-pass",
];

/** Those of one monitored primary: its name follows. */
const OF_A_GROUP = [
  "monitor",
  "down-after-milliseconds",
  "failover-timeout",
  "parallel-syncs",
  "notification-script",
  "client-reconfig-script",
  "auth-pass",
  "auth-user",
  "config-epoch",
  "leader-epoch",
  "known-replica",
  "known-sentinel",
  "rename-command",
  "master-reboot-down-after-period",
  "primary-reboot-down-after-period",
];

/** What a directive of that name is of behind `sentinel`; `undefined`: it is one of any server. */
export function isOfSentinel(name: string): "itself" | "group" | undefined {
  if (OF_ITSELF.includes(name)) return "itself";
  return OF_A_GROUP.includes(name) ? "group" : undefined;
}

/** The line of a sentinel.conf: `parallel-syncs`, `2` is `sentinel parallel-syncs drill 2`; `sentinel NAME` is taken as it is. */
export function sentinelLine(group: string, name: string, value: string): string {
  const of = isOfSentinel(name);
  if (of === undefined) return `${name} ${value}`;
  return of === "itself" ? `sentinel ${name} ${value}` : `sentinel ${name} ${group} ${value}`;
}
