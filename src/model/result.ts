import { z } from "zod";

/** Version of `result.json`. */
export const RESULT_SCHEMA_VERSION = 1;

const verdict = z.enum(["pass", "fail", "unknown"]);
const count = z.int().nonnegative();
const ms = z.number().nonnegative();

/** One checker's word, with what it rests on. */
export const checkSchema = z.strictObject({
  name: z.string(),
  verdict,
  summary: z.string().describe("One sentence for a person."),
  evidence: z
    .record(z.string(), z.unknown())
    .describe("What the verdict rests on; `reason` is a stable code where the verdict is not `pass`."),
});

/** Which setting decided how long a step took, and how much of that it makes unavoidable. */
export const governorSchema = z.strictObject({
  setting: z.string().nullable().describe("What to turn; null: nothing that can be set."),
  value: z.string().nullable().describe("In force when the fault came; null: not known."),
  note: z.string().describe("What happens in this step, and what turning the setting costs."),
  unavoidableMs: ms
    .nullable()
    .describe("Of the step, what the settings make unavoidable; null: nobody can tell."),
});

/** One moment of a failover. */
export const phaseSchema = z.strictObject({
  name: z.string(),
  atMs: z.number().describe("Since the fault; negative before it."),
  tookMs: ms.describe("Since `since`."),
  since: z
    .string()
    .nullable()
    .describe("The phase from which `tookMs` counts; null for the first of the path."),
  path: z
    .boolean()
    .describe(
      "On the way from the last success to the first of the lasting recovery: those add up to the outage.",
    ),
  seenBy: z
    .enum(["drill", "sentinel", "log", "look", "client"])
    .describe("Who told: looks come up to `resolutionMs` late, logs are mapped from the server's clock."),
  errorMs: ms
    .optional()
    .describe("It may have come so much earlier: the tool itself stood still, and heard of it afterwards."),
  governedBy: governorSchema.optional(),
});

/** What one fault led to. */
export const failoverSchema = z.strictObject({
  fault: z
    .strictObject({
      name: z.string().describe("As on a timeline: `primary killed`."),
      kind: z.string(),
      targets: z.array(z.string()),
      atMs: ms.describe("Since the run began."),
    })
    .nullable()
    .describe("null: no fault hurt."),
  promoted: z
    .strictObject({ from: z.string(), to: z.string() })
    .nullable()
    .describe("null: no promotion was seen."),
  outageMs: ms
    .nullable()
    .describe("Of writes (of reads, where no writes were sent); null: not ended, not measured."),
  outageErrorMs: ms.optional().describe("How far `outageMs` may be off, since the tool itself stood still."),
  unavoidableMs: ms.describe("Sum over the path of what the settings make unavoidable."),
  resolutionMs: ms.nullable().describe("How often each node was looked at; null: not recorded."),
  phases: z.array(phaseSchema).describe("In order of time."),
});

/** When the tool itself stood still: it sent, heard and looked at nothing. */
const stallsSchema = z.strictObject({
  totalMs: ms,
  longestMs: ms,
  count,
  tooBusy: z.boolean().describe("The machine was too busy to measure on it: no check fails for its time."),
  longest: z
    .array(
      z.strictObject({
        fromMs: ms.describe("Since the run began."),
        tookMs: ms,
        kind: z
          .enum(["not-run", "busy", "suspended", "late-sends"])
          .describe(
            "`not-run`: it got no processor (stopped, or a busy machine); `busy`: it was at work itself; `suspended`: the machine slept; `late-sends`: nothing was sent that was due.",
          ),
      }),
    )
    .describe("The longest of them, in order of time."),
});

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
    .describe("Longest outage over the run's faults; null: it did not end, or was not measured."),
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
  redirects: z.strictObject({ moved: count, ask: count }).describe("Redirects that the client followed."),
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
});

/** One checker's word. */
export type CheckResult = z.infer<typeof checkSchema>;
/** What one fault led to. */
export type FailoverResult = z.infer<typeof failoverSchema>;
/** One moment of a failover. */
export type PhaseResult = z.infer<typeof phaseSchema>;
/** Which setting decided how long a step took. */
export type Governor = z.infer<typeof governorSchema>;
/** The result document of one run. */
export type Result = z.infer<typeof resultSchema>;
