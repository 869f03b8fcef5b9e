import type { Setting } from "../application.ts";
import type { ClientLibrary } from "../library.ts";

const DOCS = "https://glide.valkey.io";

const TUNED: readonly Setting[] = [
  {
    option: "requestTimeout",
    value: 3000,
    why:
      "A call may wait for most of a failover, with reconnection and retries; by default it is rejected after " +
      "250 ms. Not longer: what waits for a frozen primary is lost when that wakes up.",
    docs: `${DOCS}/how-to/connection-management/`,
  },
  {
    option: "connectionBackoff",
    value: { numberOfRetries: 5, factor: 20, exponentBase: 2 },
    why: "Tries again after 20 ms at first, and at least once in 640 ms.",
    docs: `${DOCS}/how-to/connection-management/`,
  },
  {
    option: "advancedConfiguration.connectionTimeout",
    value: 1000,
    why: "A node that does not answer is given up after a second; by default after two.",
    docs: `${DOCS}/how-to/connection-management/`,
  },
];

/** `default`: as in its README. `tuned`: what survives failovers. */
export const GLIDE_PROFILES: ClientLibrary["profiles"] = {
  default: {
    ha: { settings: [], listensForErrors: true },
    dns: { settings: [], listensForErrors: true },
    cluster: {
      settings: [
        {
          option: "requestTimeout",
          value: 500,
          why: "As in the README's sample.",
          docs: "https://github.com/valkey-io/valkey-glide/blob/main/node/README.md#cluster-mode",
        },
      ],
      listensForErrors: true,
    },
  },
  tuned: {
    ha: { settings: [], listensForErrors: true },
    dns: { settings: [], listensForErrors: true },
    cluster: { settings: TUNED, listensForErrors: true },
  },
};
