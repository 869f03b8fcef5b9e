import { majority } from "../../base/majority.ts";
import { deniedBy, NEEDED_BY_SENTINEL, ruleName } from "../acl.ts";
import { refusedToPromote, whyEndless } from "../outage.ts";
import { numberOf, type Rule } from "./rule.ts";

/** Who must agree, and who may be promoted. */
export const quorumRules: readonly Rule[] = [
  {
    name: "quorum-of-one",
    on: "ha",
    level: "warning",
    scenario: "ha-split-sentinel-in-minority",
    find: ({ quorum, sentinels }) => {
      if (quorum > 1 || sentinels === 1) return undefined;
      return {
        setting: "quorum",
        value: "1",
        why: `one of ${sentinels} Sentinels that does not reach the primary is enough for a failover of a healthy one`,
        fix: `${majority(sentinels)}: a majority`,
      };
    },
  },
  {
    name: "quorum-of-all",
    on: "ha",
    level: "danger",
    scenario: "controls/ha-sentinel-quorum-lost",
    find: ({ quorum, sentinels }) => {
      if (sentinels < 3 || quorum < sentinels) return undefined;
      return {
        setting: "quorum",
        value: String(quorum),
        why: `with one of ${sentinels} Sentinels down nobody is promoted any more`,
        fix: `${majority(sentinels)}: a majority`,
      };
    },
  },
  {
    name: "few-sentinels",
    on: "ha",
    level: "danger",
    scenario: "controls/ha-sentinel-quorum-lost",
    find: ({ sentinels }) => {
      if (sentinels > 2) return undefined;
      return {
        setting: "sentinels",
        value: String(sentinels),
        why:
          sentinels === 1
            ? "when it is down nobody is promoted"
            : "both must vote: whatever takes one of them, such as the primary's own machine, takes the failover",
        fix: "three, on three machines",
      };
    },
  },
  {
    name: "few-primaries",
    on: "cluster",
    level: "danger",
    scenario: "cluster-all-primaries",
    find: ({ shards }) => {
      if (shards > 2) return undefined;
      return {
        setting: "shards",
        value: String(shards),
        why: "a majority of the primaries must vote for a replica, and without the one that is lost there is none",
        fix: "three shards or more; CLUSTER FAILOVER TAKEOVER by hand until then",
      };
    },
  },
  {
    name: "nobody-promotable",
    level: "danger",
    scenario: { ha: "controls/ha-no-sentinels", cluster: "controls/cluster-shard-without-replica" },
    find: (advised) => {
      const { kind, replicas, settings } = advised;
      if (replicas === 0)
        return {
          setting: "replicas",
          value: "0",
          why: "there is nobody who could take over",
          fix: "one replica at least, on another machine",
        };
      const [setting, value] =
        kind === "ha" ? ["replica-priority", "0"] : ["cluster-replica-no-failover", "yes"];
      if (settings[setting as string] !== value) return undefined;
      return {
        setting: setting as string,
        value: value as string,
        why: `it holds on every node: ${whyEndless(advised)}`,
        fix: "set it on those that must not take over, and on no other",
      };
    },
  },
  {
    name: "renamed-commands",
    on: "ha",
    level: "danger",
    scenario: "controls/ha-renamed-config",
    find: (advised) => {
      const command = refusedToPromote(advised);
      if (command === undefined) return undefined;
      return {
        setting: "rename-command",
        value:
          advised.values("rename-command").find((line) => line.toUpperCase().startsWith(command)) ?? command,
        why: `Sentinel sends ${command} to promote a replica, in one transaction with the rest: nothing of it is done`,
        fix: `restrict ${command} by ACL instead, or tell the Sentinels: sentinel rename-command NAME ${command} NEW`,
      };
    },
  },
  {
    name: "acl-stops-sentinel",
    on: "ha",
    level: "danger",
    scenario: "ha-acl-blocks-sentinel",
    find: ({ sentinelUser }) => {
      if (!sentinelUser) return undefined;
      const { name, rules } = sentinelUser;
      if (rules === undefined)
        return {
          setting: "auth-user",
          value: name,
          why: "no node has a user of that name: Sentinels cannot log in, take every node for down, promote nobody",
          fix: "the name of a user that the nodes have, with what Sentinel needs",
        };
      const denied = deniedBy(rules, NEEDED_BY_SENTINEL).map(ruleName);
      if (denied.length === 0) return undefined;
      const isOff = denied.length === NEEDED_BY_SENTINEL.length;
      return {
        setting: "user",
        value: name,
        why: `Sentinels log in as ${name}, which may not do ${isOff ? "what they need" : denied.join(", ")}`,
        fix:
          `without that nobody is promoted: ACL SETUSER ${name} on allchannels ` +
          denied.map((one) => `+${one}`).join(" "),
      };
    },
  },
  {
    name: "old-replica-barred",
    on: "cluster",
    level: "warning",
    scenario: "cluster-stale-replica",
    find: (advised) => {
      const factor = numberOf(advised, "cluster-replica-validity-factor");
      if (factor === 0) return undefined;
      const ms = factor * numberOf(advised, "cluster-node-timeout");
      if (ms > BARRED_MS) return undefined;
      return {
        setting: "cluster-replica-validity-factor",
        value: String(factor),
        why:
          `a replica whose link was down for about ${ms / 1000} s never takes over, and its shard stays without ` +
          `a primary`,
        fix: "a higher factor, or 0 where a shard that is there with older data is better than none",
      };
    },
  },
];

/** A full copy of some gigabytes takes longer. */
const BARRED_MS = 20_000;
