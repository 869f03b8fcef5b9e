import { z } from "zod";
import { appResultSchema } from "./app-result.ts";
import {
  acceptedSchema,
  checkSchema,
  count,
  failoverSchema,
  historySchema,
  type limitingSettingSchema,
  ms,
  outageSchema,
  type phaseSchema,
  replicationSchema,
  stallsSchema,
  verdict,
} from "./result-parts.ts";

/** Version of `result.json`. */
export const RESULT_SCHEMA_VERSION = 1;

/** `result.json`, and what `--json` prints. Times in milliseconds; `null` where it was not measured or never came. */
export const resultSchema = z.strictObject({
  schemaVersion: z.literal(RESULT_SCHEMA_VERSION),
  scenario: z.string(),
  verdict,
  seed: count,
  replay: z.string().describe("The command that repeats this run's schedule."),
  topology: z.strictObject({
    kind: z.enum(["ha", "cluster"]),
    driver: z.string(),
    valkey: z.string().describe("Server version."),
    nodes: z.array(
      z.strictObject({
        name: z.string(),
        role: z.enum(["primary", "replica", "sentinel"]).describe("Role at the start."),
        endpoint: z.string().describe("host:port"),
      }),
    ),
  }),
  client: z.strictObject({ name: z.string(), version: z.string() }),
  operations: z.strictObject({
    total: count,
    ok: count,
    fail: count.describe("Surely did not happen."),
    info: count.describe("Nobody can know whether it happened."),
    perSecond: z.number().nonnegative(),
  }),
  writes: z.strictObject({
    acknowledged: count,
    survived: count.describe("Acknowledged, present at the end."),
    lost: count.describe("Acknowledged, gone at the end."),
    recovered: count.describe("Not acknowledged, yet present at the end."),
    indeterminate: count.describe("Without a certain answer (info), whatever became of them."),
  }),
  outage: z
    .strictObject({
      writeMs: ms.nullable(),
      readMs: ms.nullable(),
      writeErrorMs: ms
        .optional()
        .describe("How far `writeMs` may be off, since the tool itself stood still; absent: not at all."),
      readErrorMs: ms.optional().describe("The same of `readMs`."),
    })
    .describe(
      "Longest outage over the run's faults; null: its end was not seen, or it was not measured. All are in `outages`.",
    ),
  outages: z
    .array(outageSchema)
    .optional()
    .describe("Every outage after a fault, in order. Absent in results of older versions."),
  failover: failoverSchema.describe(
    "The fault that kept writes down the longest: its path adds up to outage.writeMs. Empty where no fault hurt.",
  ),
  failovers: z.array(failoverSchema).describe("Every fault that took a primary or hurt the probe, in order."),
  needlessFailovers: count.describe("Promotions that no loss of a primary asked for."),
  beforeFault: z
    .strictObject({
      writes: z
        .strictObject({ p50Ms: ms, p99Ms: ms })
        .nullable()
        .describe("Latency of the probe's writes at its fixed rate; null: it sent none."),
      throughput: z
        .strictObject({
          connections: count,
          pipeline: count,
          perSecond: count,
          p50Ms: ms.nullable(),
          p99Ms: ms.nullable(),
          errors: count,
          lastError: z.string().nullable().describe("Its class."),
        })
        .nullable()
        .describe("As many writes as went through; null: the workload `throughput` did not run."),
    })
    .describe("Before the first fault; of the whole run, where there was none."),
  shards: z.array(
    z.strictObject({
      shard: count,
      slots: z.string().describe("Ranges, e.g. 0-5460."),
      keys: count,
      primary: z.string(),
      replicas: z.array(z.string()),
    }),
  ),
  redirects: z
    .strictObject({ moved: count.nullable(), ask: count.nullable() })
    .describe("Redirects that the client followed; null: its library does not tell."),
  latency: z
    .strictObject({
      p50Ms: ms,
      p99Ms: ms,
      p999Ms: ms,
      maxMs: ms,
      leftOut: count
        .optional()
        .describe("Operations left out, since the tool itself stood still while they were under way."),
    })
    .describe(
      "Of the probe's operations that ended ok (of all, where no probe ran), from the time each was due.",
    ),
  app: appResultSchema
    .optional()
    .describe("The application under the drill, and what its users saw; absent: there was none."),
  checks: z.array(checkSchema),
  stalls: stallsSchema
    .optional()
    .describe("When the tool itself stood still; absent in results of versions that did not tell."),
  unreadLogs: z
    .array(
      z.strictObject({
        node: z.string(),
        why: z.string(),
        missing: z
          .array(z.string())
          .describe("Phases that are missing because of it, or that are known by looks only."),
      }),
    )
    .optional()
    .describe(
      "Nodes whose logs could not be read, or do not tell all; absent in results of versions that did not tell.",
    ),
  startedAt: z.string().describe("ISO 8601."),
  durationMs: ms,
  accepted: z
    .array(acceptedSchema)
    .optional()
    .describe("What was let go, where the verdict is pass. Absent in results of older versions."),
  replication: z
    .array(replicationSchema)
    .optional()
    .describe("Before each loss of a primary. Absent in results of older versions."),
  history: historySchema
    .optional()
    .describe(
      "The history that all of this was computed from. Absent in results of versions before schema 2 of histories.",
    ),
});

/** One checker's word. */
export type CheckResult = z.infer<typeof checkSchema>;
/** A time in which the service failed. */
export type OutageResult = z.infer<typeof outageSchema>;
/** What one fault led to. */
export type FailoverResult = z.infer<typeof failoverSchema>;
/** One moment of a failover. */
export type PhaseResult = z.infer<typeof phaseSchema>;
/** One thing that was let go. */
export type AcceptedResult = z.infer<typeof acceptedSchema>;
/** How far replication was behind at one loss of a primary. */
export type ReplicationResult = z.infer<typeof replicationSchema>;
/** Which setting decided how long a step took. */
export type LimitingSetting = z.infer<typeof limitingSettingSchema>;
/** The result document of one run. */
export type Result = z.infer<typeof resultSchema>;
