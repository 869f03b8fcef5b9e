import type { ClientHelp } from "../../model/client-help.ts";

const OWN = { library: "node-redis", libNames: ["node-redis"] };

/** What the tables of `docs/clients.md` show of it. */
export const NODE_REDIS_HELP: readonly ClientHelp[] = [
  {
    ...OWN,
    symptom: "frozen-primary",
    topology: "cluster",
    option: null,
    measured:
      "With socketTimeout, pingInterval, commandOptions.timeout or topologyRefreshOnReconnectionAttemptStrategy it " +
      "waited until the primary woke, for 11–12 s: put a deadline of your own on each call",
    reference: "docs/clients.md#node-redis",
  },
  {
    ...OWN,
    symptom: "demoted-primary",
    topology: "ha",
    option: null,
    measured:
      "Behind one name that led to a demoted primary it stayed with the replica, whatever the settings: the " +
      "application must make a new client itself",
    reference: "docs/clients.md#one-dns-name-and-addresses-that-change",
  },
];
