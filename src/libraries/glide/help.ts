import type { ClientHelp } from "../../model/client-help.ts";

/** What the tables of `docs/clients.md` show of it. */
export const GLIDE_HELP: readonly ClientHelp[] = [
  {
    library: "glide",
    libNames: ["glidejs"],
    symptom: "frozen-primary",
    topology: "cluster",
    option: null,
    measured:
      "With any requestTimeout, and with periodicChecks each second, it waited until the primary woke, for 11–12 s; " +
      "a longer requestTimeout lost more",
    reference: "docs/clients.md#glide",
  },
];
