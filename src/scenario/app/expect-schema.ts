import { z } from "zod";
import type { AppExpectations, ProbeExpectations } from "../../model/app.ts";
import { durationSchema } from "../duration.ts";
import { patternSchema } from "./pattern.ts";

const count = z.int().min(0);

/** What a scenario expects of the application itself, as it is written. */
export const appExpectSchema = z.strictObject({
  alive: z.boolean().optional().describe("true, which is the default: no instance ends by itself."),
  restarts: count.optional().describe("Most restarts in all."),
  recoversWithin: durationSchema
    .optional()
    .describe("Every probe goes well again, lastingly, within that time of each fault."),
  log: z.strictObject({ never: patternSchema.describe("No line of its output may match.") }).optional(),
});

/** What a scenario expects of one probe, as it is written. */
export const probeExpectSchema = z.strictObject({
  outage: durationSchema.optional().describe("Longest time without a success."),
  lost: count.optional().describe("Most writes that were acknowledged and are gone. Default: 0."),
  duplicated: count.optional().describe("Most writes that were done more than once. Default: 0."),
  p99: durationSchema.optional().describe("99 of 100 answers come within that time."),
});

export type ProbeExpectInput = z.input<typeof probeExpectSchema>;

export function appExpectations({
  recoversWithin,
  log,
  ...rest
}: z.output<typeof appExpectSchema>): AppExpectations {
  return {
    ...rest,
    ...(recoversWithin !== undefined && { recoversWithinMs: recoversWithin }),
    ...(log && { logNever: log.never }),
  };
}

export function probeExpectations({
  outage,
  p99,
  ...rest
}: z.output<typeof probeExpectSchema>): ProbeExpectations {
  return {
    ...rest,
    ...(outage !== undefined && { outageMs: outage }),
    ...(p99 !== undefined && { p99Ms: p99 }),
  };
}
