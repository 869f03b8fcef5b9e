import { z } from "zod";

/** Version of what `bakeoff --json` prints, and of `bakeoff.json` in the folder of each run. */
export const BAKEOFF_SCHEMA_VERSION = 1;

const count = z.int().nonnegative();
/** Milliseconds; `endless`: it did not end; null: not measured. */
const lasted = z.union([z.number().nonnegative(), z.literal("endless")]).nullable();
const verdict = z.enum(["pass", "fail", "unknown"]);

/** What an app client can be blamed for; stable. What is `unknown` says nothing about it. */
export const BAKEOFF_REASONS = {
  "no-connection": "it could not connect before anything was broken",
  died: "its process ended",
  blocked: "its event loop stood still for two seconds or more",
  "did-not-recover": "calls did not go well again, though the servers did",
  "never-settled": "calls neither resolved nor rejected",
  stuck:
    "it did not go to the new primary within 6.5 seconds: it stayed with one that does not answer, or has been " +
    "replaced",
  hung: "calls lasted on for 6.5 seconds or more after the servers could serve them",
  lost:
    "told of writes that they were done, and they are gone: mostly it went on talking to a primary that had " +
    "been replaced",
  duplicated: "writes that were made once are there twice: it sent them again",
} as const;

export type BakeoffReason = keyof typeof BAKEOFF_REASONS;

/** Why nothing can be said; stable. */
export const BAKEOFF_UNKNOWNS = {
  "never-well":
    "it connected, and its calls did not go well before anything was broken: an overloaded machine, most likely",
  "no-failover": "no other node became primary in time",
  "second-failover":
    "the primary moved once more, which no fault asked for: an overloaded machine, most likely",
  "tool-stalled": "valkey-drill itself, or the process of the client, got no processor for a second or more",
  "final-unread": "the lists could not be read back",
  broken: "the environment broke",
} as const;

/** How one feature (pipelines, subscriptions, …) went through the fault. */
export const featureSchema = z.strictObject({
  feature: z.string(),
  works: z.enum(["yes", "no", "not offered"]),
  calls: count,
  failed: count,
  unsettled: count,
  /** What the caller saw, by class of error. */
  errors: z.record(z.string(), count),
  longestMs: z.number().nonnegative(),
  /** Subscriptions: messages whose PUBLISH was acknowledged and that never came. */
  missed: count.nullable(),
  /** Of a pool. */
  pool: z
    .strictObject({
      /** The library's own means; or that it has none, and what was done. */
      how: z.string(),
      size: count,
      /**
       * How many of its connections were served in the last second and a half: the others are dead, or never given
       * back.
       */
      serving: count,
      /** As the servers saw them, up to the fault and after it. */
      connections: z.strictObject({ before: count, after: count }),
    })
    .optional(),
});

/** What one run of an app client through one fault measured. */
export const bakeoffRunSchema = z.strictObject({
  run: count,
  seed: count,
  verdict,
  reasons: z.array(z.string()),
  /** Of whatever is in `reasons`, and what else was noticed: a sentence each. */
  notes: z.array(z.string()),
  folder: z.string(),
  replay: z.string(),
  tookMs: z.number().nonnegative(),
  writeOutageMs: lasted,
  readOutageMs: lasted,
  /** From "another node is primary" to the first write that it acknowledged. */
  toNewPrimaryMs: lasted,
  recovered: z.boolean(),
  calls: z.strictObject({
    total: count,
    ok: count,
    rejected: z.record(z.string(), count),
    hung: count,
    longestMs: z.number().nonnegative(),
    unsettled: count,
  }),
  /** null: the lists could not be read back. */
  writes: z.strictObject({
    acknowledged: count,
    /** Acknowledged, and gone; whoever lost them. */
    lost: count.nullable().describe("acknowledged, and gone; whoever lost them"),
    /**
     * Of those, acknowledged a second or more before the fault, or after another had become primary. The others a
     * primary took with it before it had replicated them: no client could have kept them.
     */
    lostByClient: count
      .nullable()
      .describe(
        "of lost: by the client's doing; the others were gone with a primary before a replica had them, which no " +
          "client can help",
      ),
    /** Rejected, and there all the same. */
    rejectedApplied: count.nullable(),
    /** Never settled, and there. */
    unsettledApplied: count.nullable(),
    /** There more than once. */
    duplicated: count.nullable(),
  }),
  /**
   * Reads that found less than what had been acknowledged before they were made, and is there at the end: at least so
   * many.
   */
  staleReads: count.nullable(),
  redirects: z.strictObject({ moved: count, ask: count }),
  /** On the servers, less ours and the topology's own. */
  connections: z.strictObject({ before: count, after: count, peakPerSecond: count }),
  memory: z.strictObject({ beforeBytes: count, worstBytes: count }).nullable(),
  /** Share of one processor, in percent, before the fault and during the outage of writes. */
  cpu: z.strictObject({ beforePercent: z.number(), outagePercent: z.number().nullable() }).nullable(),
  blockedMs: z.number().nonnegative(),
  died: z.strictObject({ code: z.int().nullable(), signal: z.string().nullable() }).nullable(),
  /** Errors that nobody caught, and those that the client's `error` event told. */
  uncaught: z.array(z.string()),
  errorEvents: count,
  /** Calls of RPUSH done by primaries, by their own counters, while they answered us. */
  serverPushes: count,
  serverErrors: z.record(z.string(), count),
  features: z.array(featureSchema),
});

const spread = z.strictObject({ median: lasted, worst: lasted });

/** All runs of one library with one profile through one fault. */
export const bakeoffCellSchema = z.strictObject({
  library: z.string(),
  version: z.string(),
  profile: z.string(),
  kind: z.enum(["ha", "cluster"]),
  scenario: z.string(),
  /** `not-supported`: never run, with what it lacks and the public issue. */
  verdict: z.union([verdict, z.literal("not-supported")]),
  /** Seen in at least half of the runs. */
  reasons: z.array(z.string()),
  /** Seen in fewer. */
  sometimes: z.array(z.string()),
  why: z.string().optional(),
  issue: z.string().optional(),
  runs: z.array(bakeoffRunSchema),
  writeOutageMs: spread,
  longestMs: spread,
  toNewPrimaryMs: spread,
});

/** What `bakeoff --json` prints. */
export const bakeoffSchema = z.strictObject({
  schemaVersion: z.literal(BAKEOFF_SCHEMA_VERSION),
  seed: count,
  valkey: z.string(),
  driver: z.string(),
  node: z.string(),
  startedAt: z.string(),
  tookMs: z.number(),
  runsPerCell: count,
  replay: z.string(),
  cells: z.array(bakeoffCellSchema),
});

export type BakeoffRun = z.infer<typeof bakeoffRunSchema>;
export type BakeoffCell = z.infer<typeof bakeoffCellSchema>;
export type BakeoffDocument = z.infer<typeof bakeoffSchema>;
export type BakeoffFeature = z.infer<typeof featureSchema>;
export type Lasted = z.infer<typeof lasted>;
