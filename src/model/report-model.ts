import { z } from "zod";
import { reportAppSchema } from "./report-app.ts";
import { resultSchema } from "./result.ts";
import { phaseSchema } from "./result-parts.ts";

/** Version of the data that a report's page is given. Raised when an old page could misread the new form. */
export const REPORT_MODEL_SCHEMA_VERSION = 1;

/** Milliseconds since the run began, on its own clock. */
const at = z.number();
const count = z.number().nonnegative();
/** One number for each bucket of time. */
const counts = z.array(count);
/** `null`: nothing was measured in that bucket. */
const measures = z.array(z.number().nullable());

const byOutcome = z.strictObject({ ok: counts, fail: counts, info: counts });

/**
 * Load over time, in buckets of equal width from the run's beginning. An operation stands in the bucket in which it was
 * due.
 */
const load = z.strictObject({
  bucketMs: z.number().positive(),
  writes: byOutcome,
  reads: byOutcome,
  /** All other operations. */
  others: byOutcome,
  latency: z.strictObject({
    /** Of the probe's operations that ended ok; of all, where no probe ran. */
    of: z.enum(["probe", "all"]),
    p50Ms: measures,
    p90Ms: measures,
    p99Ms: measures,
    maxMs: measures,
    /**
     * Row `r` counts latencies from `edgesMs[r]` to below `edgesMs[r + 1]`; the first row takes what is shorter, the
     * last what is longer.
     */
    edgesMs: z.array(z.number()),
    /** For each bucket the rows that hold something: row, count, row, count, … */
    heat: z.array(z.array(count)),
  }),
  /** What went wrong, the most frequent first. */
  errors: z.array(z.strictObject({ class: z.string(), outcome: z.enum(["fail", "info"]), counts })),
  /** Cluster: by the shard of the key. */
  shards: z.array(z.strictObject({ shard: z.number(), ok: counts, bad: counts })),
});

const interval = z.strictObject({
  fromMs: at,
  /** When it ended, or seemed to, or until when it was looked at. */
  toMs: at,
  /** `seemingly`: it was over at that time, but nobody saw whether that lasted. `no`: it went on. */
  ended: z.enum(["yes", "seemingly", "no"]),
});

/** What a fault that disrupted the service led to. */
const failover = z.strictObject({
  fault: z.number().describe("Its id."),
  promoted: z.array(z.strictObject({ from: z.string(), to: z.string(), atMs: at })),
  phases: z.array(phaseSchema),
  outages: z.array(
    z.strictObject({
      group: z.enum(["hit", "others"]),
      kind: z.enum(["writes", "reads"]),
      measured: z.boolean(),
      intervals: z.array(interval),
    }),
  ),
});

export const FATES = ["survived", "lost", "recovered", "absent", "unknown", "phantom", "changed"] as const;
const fate = z.enum(FATES);

/**
 * The fate of every write around a fault: how many of each fate were acknowledged (or ended) in each column of time.
 */
const fateWindow = z.strictObject({
  fault: z.number(),
  fromMs: at,
  columnMs: z.number().positive(),
  columns: z.partialRecord(fate, counts),
});

/** A write that is worth a look of its own. */
const notableWrite = z.strictObject({
  fate,
  key: z.string(),
  sentMs: at,
  endedMs: at.nullable(),
  /** How long before the next loss of a primary it was acknowledged. */
  beforeFaultMs: z.number().nullable(),
  replicated: z.boolean(),
  /** The node that answered; `null`: none did, or it is not known. */
  by: z.string().nullable(),
  shard: z.number().nullable(),
});

const change = z.strictObject({
  atMs: at,
  node: z.string(),
  /**
   * - `role`, `link`, `reachable`, `follows`, `state`: what the node says of itself
   * - `flag`: what it says of `subject`
   * - `sees`: (Sentinel) what it holds the primary to be: `ok`, `down` (it alone), `agreed` (the quorum)
   */
  what: z.enum(["role", "link", "reachable", "follows", "state", "flag", "sees"]),
  to: z.string(),
  subject: z.string().optional(),
});

const node = z.strictObject({
  name: z.string(),
  role: z.enum(["primary", "replica", "sentinel"]).describe("At the start."),
  endpoint: z.string(),
  shard: z.number().optional(),
});

const fault = z.strictObject({
  id: z.number(),
  fault: z.string(),
  label: z.string(),
  targets: z.array(z.string()),
  primaries: z.array(z.string()),
  shards: z.array(z.number()),
  injectMs: at,
  healMs: at.optional(),
  healedMs: at.optional(),
});

const step = z.strictObject({
  index: z.number(),
  name: z.string(),
  fromMs: at,
  toMs: at.nullable(),
  status: z.enum(["begin", "done", "timeout", "error"]),
  detail: z.string().optional(),
});

/**
 * Time, source, level and text of a line. The levels are Valkey's (`.` debug, `-` verbose, `*` notice, `#` warning);
 * `>` is what the drill itself did or saw.
 */
const line = z.tuple([at, z.string(), z.enum([".", "-", "*", "#", ">"]), z.string()]);

const logs = z.strictObject({
  lines: z.array(line),
  /** Lines left out to keep the page small: those furthest from any fault. */
  omitted: count,
  /** How far each node's clock was ahead of UTC, in minutes; of a node that is not here no line had a time. */
  utcOffsetMinutes: z.record(z.string(), z.number()),
});

/**
 * All that a report shows of one run, cut to the size of a page. Plain data: made once, or again and again while it
 * runs.
 */
export const reportModelSchema = z.strictObject({
  schemaVersion: z.literal(REPORT_MODEL_SCHEMA_VERSION),
  /** Version of valkey-drill that made it. */
  tool: z.string(),
  runId: z.string(),
  result: resultSchema,
  /** Why the recording ended before its time, if it did. */
  brokenOff: z.string().nullable(),
  durationMs: z.number(),
  settings: z.record(z.string(), z.string()),
  quorum: z.number().nullable(),
  waitReplicas: z.number(),
  limits: z.strictObject({
    writeMs: z.number().optional(),
    readMs: z.number().optional(),
    otherShardsMs: z.number().optional(),
  }),
  /** The scenario as it ran, as YAML. */
  scenario: z.string().nullable(),
  faults: z.array(fault),
  steps: z.array(step),
  failovers: z.array(failover),
  /** When the tool itself stood still. Absent: it was not recorded. */
  stalls: z.array(z.strictObject({ fromMs: at, toMs: at })).optional(),
  load,
  fates: z.strictObject({
    counts: z.partialRecord(fate, count),
    windows: z.array(fateWindow),
    notable: z.array(notableWrite),
    /** Writes as notable as those, left out to keep the page small. */
    omitted: count,
  }),
  topology: z.strictObject({ nodes: z.array(node), changes: z.array(change), omitted: count }),
  /** Absent: there was no application under the drill. */
  app: reportAppSchema.optional(),
  logs,
});

export type ReportModel = z.infer<typeof reportModelSchema>;
export type ReportLoad = ReportModel["load"];
export type ReportFault = ReportModel["faults"][number];
export type ReportFailover = ReportModel["failovers"][number];
export type ReportPhase = ReportFailover["phases"][number];
export type ReportChange = ReportModel["topology"]["changes"][number];
export type ReportLine = ReportModel["logs"]["lines"][number];
export type Fate = (typeof FATES)[number];
