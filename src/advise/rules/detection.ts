import { numberOf, type Rule } from "./rule.ts";

/** From then on an outage is longer than most clients wait. */
const SLOW_MS = 10_000;
/** A busy machine stands still for so long now and then. */
const HASTY_MS = 1000;

const WAITS = "writes fail for at least so long after every loss of a primary";

/** How soon a lost primary is noticed, and how often one that is not lost. */
export const detectionRules: readonly Rule[] = [
  {
    name: "slow-detection",
    on: "ha",
    level: "warning",
    scenario: "ha-failover",
    find: (advised) => {
      const ms = numberOf(advised, "down-after-milliseconds");
      if (ms < SLOW_MS) return undefined;
      return {
        setting: "down-after-milliseconds",
        value: String(ms),
        why: WAITS,
        fix: "2000 to 5000 is common; matrix ha-detection shows what lower values cost",
      };
    },
  },
  {
    name: "hasty-detection",
    on: "ha",
    level: "warning",
    scenario: "ha-resumed-primary",
    find: (advised) => {
      const ms = numberOf(advised, "down-after-milliseconds");
      if (ms > HASTY_MS) return undefined;
      return {
        setting: "down-after-milliseconds",
        value: String(ms),
        why: "a pause of the primary becomes a failover, and for a while there are two primaries",
        fix: "2000 or more, unless a second failover now and then does no harm",
      };
    },
  },
  {
    name: "slow-node-timeout",
    on: "cluster",
    level: "warning",
    scenario: "cluster-failover",
    find: (advised) => {
      const ms = numberOf(advised, "cluster-node-timeout");
      if (ms < SLOW_MS) return undefined;
      const why = `${WAITS}, and mostly for half as long again`;
      return {
        setting: "cluster-node-timeout",
        value: String(ms),
        why,
        fix: "2000 to 5000 where the network is good",
      };
    },
  },
  {
    name: "hasty-node-timeout",
    on: "cluster",
    level: "warning",
    scenario: "cluster-isolated-primary",
    find: (advised) => {
      const ms = numberOf(advised, "cluster-node-timeout");
      if (ms > HASTY_MS) return undefined;
      return {
        setting: "cluster-node-timeout",
        value: String(ms),
        why: "a node that stands still for a second loses its place, and a busy cluster fails over for no need",
        fix: "2000 or more",
      };
    },
  },
  {
    name: "slow-second-try",
    on: "ha",
    level: "warning",
    scenario: "controls/ha-renamed-config",
    find: (advised) => {
      const ms = numberOf(advised, "failover-timeout");
      if (ms < 60_000) return undefined;
      return {
        setting: "failover-timeout",
        value: String(ms),
        why:
          `where a first attempt fails (its Sentinel dies, a replica is not good), the ` +
          `next comes ${(2 * ms) / 1000} s later`,
        fix: "10000 to 30000: longer than a replica takes to be promoted, which is seconds",
      };
    },
  },
  {
    name: "client-gives-up",
    level: "warning",
    scenario: { ha: "ha-failover", cluster: "cluster-failover" },
    find: ({ client, settings, kind }) => {
      const setting = kind === "ha" ? "down-after-milliseconds" : "cluster-node-timeout";
      const detectMs = Number(settings[setting]);
      if (!client || client.ms > detectMs + FAILOVER_MS) return undefined;
      return {
        setting: `${client.name}: ${client.setting}`,
        value: client.value,
        why: `a call fails after ${client.ms} ms, and a failover takes longer: ${setting} is ${detectMs}`,
        fix:
          "let the client try for longer than the failover takes, or try again in the application what may be " +
          "done twice",
      };
    },
  },
];

/** What follows upon detection, at the likely longest. */
const FAILOVER_MS = 2000;
