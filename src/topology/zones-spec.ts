import { z } from "zod";

const zone = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, "must be letters, digits, hyphens, underscores");

/** `topology.zones` and `topology.clientZone`. */
export const zoneFields = {
  zones: z
    .union([
      z
        .array(zone)
        .min(1)
        .refine((names) => new Set(names).size === names.length, "names a zone twice"),
      z
        .record(zone, z.array(z.string()).min(1))
        .refine((given) => Object.keys(given).length > 0, "names no zone"),
    ])
    .optional()
    .describe(
      "Availability zones: a list spreads the nodes over them; with nodes by zone, each node stands in one of them.",
    ),
  clientZone: zone.optional().describe("The zone in which the clients are; default: in none."),
};
