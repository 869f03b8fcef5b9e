import { z } from "zod";

/** Milliseconds since the run began, on its own clock. */
const at = z.number();
const count = z.number().nonnegative();
/** One number for each bucket of time. */
const counts = z.array(count);

/** What a probe asked over time; it stands in the bucket in which it was due. */
const probe = z.strictObject({
  name: z.string(),
  bucketMs: z.number().positive(),
  ok: counts,
  fail: counts,
  info: counts,
});

/** How an instance was for a while. */
const band = z.strictObject({
  fromMs: at,
  toMs: at,
  /** `exited`: by itself; `stopped`: it was asked to, or killed since it did not. */
  look: z.enum(["starting", "ready", "stopping", "exited", "stopped"]),
  text: z.string(),
});

const instance = z.strictObject({
  name: z.string(),
  bands: z.array(band),
  /** Time and bytes, with all its processes; of many those that were the highest in their time. */
  memory: z.array(z.tuple([at, count])),
});

/** What a report draws of an application under the drill, beside what the result says of it. */
export const reportAppSchema = z.strictObject({
  probes: z.array(probe),
  instances: z.array(instance),
});

/** What a report draws of an application under the drill. */
export type ReportApp = z.infer<typeof reportAppSchema>;
/** A probe of it over time. */
export type ReportProbe = ReportApp["probes"][number];
/** An instance of it over time. */
export type ReportInstance = ReportApp["instances"][number];
