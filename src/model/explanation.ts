import { z } from "zod";
import { phaseSchema } from "./result-parts.ts";

/** Version of what `explain --json` prints. */
export const EXPLANATION_SCHEMA_VERSION = 1;

const count = z.int().nonnegative();
const ms = z.number().nonnegative();
const time = z.string().describe("ISO 8601, on the one clock that all times are given on.");

/** A line of a log that something rests on. */
const line = z.strictObject({
  file: z.string(),
  line: z.int().positive(),
  node: z.string().describe("Whose log it is."),
  at: time,
  text: z.string(),
});
const lines = z.array(line).describe("What it rests on.");

const sentence = z.strictObject({ text: z.string(), lines });

/** What became of the primary, so that somebody took its place or tried to. */
export const BEGIN_CODES = [
  "shut-down",
  "crashed",
  "out-of-memory",
  "process-ended",
  "restarted",
  "cut-off",
  "stood-still",
  "not-reached",
  "silent",
  "asked",
  "unknown",
] as const;

const begin = z.strictObject({
  code: z.enum(BEGIN_CODES),
  text: z.string(),
  certain: z.boolean().describe("false: the lines suggest it, and do not prove it."),
  lines,
});

const node = z.strictObject({
  name: z.string(),
  kind: z.enum(["server", "sentinel", "unknown"]),
  role: z.enum(["primary", "replica"]).nullable().describe("At the end, as far as it is known."),
  version: z.string().nullable(),
  addresses: z.array(z.string()),
  identified: z.boolean().describe("false: the logs do not tell which node this is."),
  files: z.array(z.string()).describe("Where its own lines stand; empty: no log of it was given."),
  clock: z
    .strictObject({
      offsetMs: z.number().describe("How far its clock is ahead of the one that times are given on."),
      errorMs: ms.nullable().describe("By how much that may be off; null: nothing ties it to the others."),
    })
    .nullable()
    .describe("null: no log of it was given."),
});

const phase = phaseSchema.extend({
  inferred: z.boolean().describe("The value of its setting was inferred from the times of lines."),
  clockKnown: z
    .boolean()
    .describe("false: nothing ties the clock of who told it to the others; it may be off by any time."),
  lines,
});

const reason = z.strictObject({
  reason: z.string().describe("A stable code."),
  text: z.string(),
  setting: z.string().nullable(),
  value: z.string().nullable(),
  lines,
});

const loss = z.strictObject({
  certainty: z
    .enum(["certain", "possible"])
    .describe("certain: the lines prove it; possible: it cannot be ruled out."),
  what: z.enum(["discarded-replication", "two-primaries", "not-replicated", "data-discarded", "not-known"]),
  bytes: count.nullable().describe("Of the replication stream; null: not known."),
  forMs: ms.nullable().describe("For how long; null: it is no matter of time."),
  text: z.string(),
  lines,
});

const advice = z.strictObject({
  text: z.string(),
  setting: z.string().nullable(),
  lines,
});

const setting = z.strictObject({
  name: z.string(),
  value: z.string(),
  from: z.enum(["told", "inferred"]).describe("told: by a log, INFO or a configuration file."),
  text: z.string().describe("Where it was told, or what it was inferred from."),
});

/** What happened around one loss of a primary, or one failover that somebody asked for. */
const incident = z.strictObject({
  id: z.int().positive(),
  system: z.string().describe("The Sentinel group, or the cluster."),
  kind: z.enum(["ha", "cluster"]),
  shard: count.nullable().describe("Cluster: a number of its own for each shard that the logs tell of."),
  outcome: z.enum(["promoted", "not-promoted"]),
  title: z.string(),
  at: time.describe("When it began, as well as it is known."),
  atErrorMs: ms.nullable().describe("How far `at` may be off; null: it began at an unknown time before."),
  primary: z.string().nullable(),
  promoted: z.string().nullable(),
  begin,
  story: z.array(sentence).max(10),
  phases: z.array(phase),
  unavoidableMs: ms.describe("Sum of what the settings make unavoidable."),
  reasons: z.array(reason).describe("Why nobody was promoted, why it took long, why it happened twice."),
  losses: z.array(loss),
  advice: z.array(advice),
  settings: z.array(setting),
  rehearsal: z.strictObject({
    scenario: z.string().describe("A scenario file in YAML that rehearses it."),
    notes: z.array(z.string()).describe("Where the drill differs from the incident."),
  }),
});

/** What the drill showed that rehearses an incident, beside what its logs tell. */
const proof = z.strictObject({
  incident: z.int().positive(),
  run: z.string().describe("Folder of the drill's run."),
  same: z.boolean().describe("The same became of the primary, and the same came of it."),
  rows: z.array(
    z.strictObject({
      what: z.string(),
      incident: z.string(),
      drill: z.string(),
      same: z.boolean().nullable().describe("null: times differ from run to run, and prove nothing."),
    }),
  ),
});

/** What `explain --json` prints. */
export const explanationSchema = z.strictObject({
  schemaVersion: z.literal(EXPLANATION_SCHEMA_VERSION),
  verdict: z.enum(["explained", "unknown"]).describe("unknown: the logs tell nothing of a failover."),
  summary: z.string(),
  from: time.nullable(),
  to: time.nullable(),
  nodes: z.array(node),
  incidents: z.array(incident),
  unknown: z.array(z.string()).describe("What cannot be known from these inputs, and why."),
  contradictions: z.array(sentence),
  warnings: z.array(z.string()),
  skipped: z.array(z.strictObject({ file: z.string(), why: z.string() })),
  totals: z.strictObject({ bytes: count, lines: count, logLines: count }),
  proof: proof.optional().describe("With --prove."),
});

/** What logs tell of failovers. */
export type Explanation = z.infer<typeof explanationSchema>;
export type ExplainedIncident = Explanation["incidents"][number];
export type Sentence = z.infer<typeof sentence>;
export type QuotedLine = z.infer<typeof line>;
export type ReasonTold = z.infer<typeof reason>;
export type LossTold = z.infer<typeof loss>;
export type AdviceTold = z.infer<typeof advice>;
export type SettingTold = z.infer<typeof setting>;
export type ExplainedPhase = z.infer<typeof phase>;
export type Begin = z.infer<typeof begin>;
export type Proof = z.infer<typeof proof>;
