import { z } from "zod";

const LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

/** `topology.hostnames`. */
export const hostnamesSpec = z
  .union([
    z.boolean(),
    z
      .string()
      .max(200)
      .regex(new RegExp(`^${LABEL}(\\.${LABEL})*$`), "must be true, false or a domain such as drill.test"),
  ])
  .optional()
  .describe(
    "Nodes announce names instead of addresses: true, NODE.drill.test; a domain, NODE.DOMAIN. Only the drill's nodes " +
      "and clients resolve them.",
  );
