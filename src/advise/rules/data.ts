import { numberOf, type Rule } from "./rule.ts";

const SMALL_BACKLOG = 4 * 1024 * 1024;
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1e6,
  mb: 1024 ** 2,
  g: 1e9,
  gb: 1024 ** 3,
};

/** What may be lost, and when writes are refused. */
export const dataRules: readonly Rule[] = [
  {
    name: "writes-without-replicas",
    on: "ha",
    level: "danger",
    scenario: "ha-isolated-primary",
    find: (advised) => {
      if (numberOf(advised, "min-replicas-to-write") > 0 && numberOf(advised, "min-replicas-max-lag") > 0)
        return undefined;
      return {
        setting: "min-replicas-to-write",
        value: String(numberOf(advised, "min-replicas-to-write")),
        why: "a primary that is cut off goes on taking writes, and all of them are lost when the cut ends",
        fix: "1, with two replicas or more; then min-replicas-max-lag bounds it",
      };
    },
  },
  {
    name: "writes-need-all-replicas",
    level: "danger",
    scenario: "ha-resumed-primary-min-replicas",
    find: (advised) => {
      const needed = numberOf(advised, "min-replicas-to-write");
      if (needed === 0 || needed < advised.replicas) return undefined;
      return {
        setting: "min-replicas-to-write",
        value: String(needed),
        why:
          `a primary has ${replicasOf(advised.replicas)}, and one less after a failover: the new one refuses ` +
          `writes until the old one is back`,
        fix: "one less than there are replicas, or another replica",
      };
    },
  },
  {
    name: "empty-restart",
    level: "danger",
    scenario: "ha-empty-primary",
    find: ({ settings, values }) => {
      if (settings.appendonly === "yes") return undefined;
      const never = values("save").at(-1) === '""';
      return {
        setting: "appendonly",
        value: "no",
        why: never
          ? "a primary that a supervisor starts again comes back empty, and its replicas empty themselves to follow it"
          : "a primary that a supervisor starts again comes back as its last snapshot was, and its replicas " +
            "follow that",
        fix: "appendonly yes, or a supervisor that waits longer than a failover takes",
      };
    },
  },
  {
    name: "no-fsync",
    level: "warning",
    scenario: "ha-empty-primary",
    find: ({ settings }) => {
      if (settings.appendonly !== "yes" || settings.appendfsync !== "no") return undefined;
      return {
        setting: "appendfsync",
        value: "no",
        why: "what the operating system has not written yet is gone with the machine, mostly up to 30 s",
        fix: "everysec, or always where each write counts",
      };
    },
  },
  {
    name: "all-shards-stop",
    on: "cluster",
    level: "warning",
    scenario: "cluster-failover",
    find: ({ settings }) => {
      if (settings["cluster-require-full-coverage"] !== "yes") return undefined;
      return {
        setting: "cluster-require-full-coverage",
        value: "yes",
        why: "while one shard has no primary, all others refuse reads and writes as well",
        fix: "no, where the rest of the keys is of use by itself",
      };
    },
  },
  {
    name: "small-backlog",
    level: "warning",
    scenario: "ha-full-resync-storm",
    find: (advised) => {
      const value = advised.values("repl-backlog-size").at(-1);
      const bytes = bytesOf(value);
      if (value === undefined || bytes === undefined || bytes >= SMALL_BACKLOG) return undefined;
      return {
        setting: "repl-backlog-size",
        value,
        why: "a replica that was away for a moment under load must copy all data again, all replicas at once",
        fix: "what is written in a minute, 64mb or more",
      };
    },
  },
  {
    name: "replicas-evict",
    level: "danger",
    scenario: "ha-evicting-replica",
    find: ({ values }) => {
      const policy = values("maxmemory-policy").at(-1) ?? "noeviction";
      const limited = (bytesOf(values("maxmemory").at(-1)) ?? 0) > 0;
      if (!limited || policy === "noeviction" || values("replica-ignore-maxmemory").at(-1) !== "no")
        return undefined;
      return {
        setting: "replica-ignore-maxmemory",
        value: "no",
        why: `each replica evicts keys by itself (${policy}): one that is promoted lacks what its primary had`,
        fix: "yes, the default: only the primary evicts",
      };
    },
  },
  {
    name: "full-primary-after-failover",
    level: "warning",
    scenario: "ha-maxmemory-failover",
    find: ({ values }) => {
      const value = values("maxmemory").at(-1);
      const policy = values("maxmemory-policy").at(-1) ?? "noeviction";
      if (policy !== "noeviction" || (bytesOf(value) ?? 0) === 0) return undefined;
      return {
        setting: "maxmemory",
        value: value as string,
        why:
          "with noeviction a full primary refuses writes, and a replica that is set to less does so from its " +
          "promotion on",
        fix: "the same on every node, and an alarm well before it is reached",
      };
    },
  },
];

const replicasOf = (count: number) => (count === 1 ? "1 replica" : `${count} replicas`);

function bytesOf(value: string | undefined): number | undefined {
  const read = /^(\d+)([a-z]*)$/i.exec(value ?? "");
  const unit = UNITS[read?.[2]?.toLowerCase() ?? ""];
  return read && unit !== undefined ? Number(read[1]) * unit : undefined;
}
