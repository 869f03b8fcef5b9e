import { z } from "zod";

/** Version of the document that `advise --json` prints. */
export const ADVISE_SCHEMA_VERSION = 1;

const range = z.strictObject({
  minMs: z.number().describe("Never less, with these settings."),
  lowMs: z.number().describe("Likely at least."),
  highMs: z.number().describe("Likely at most."),
});

const outage = z.strictObject({
  of: z.string().describe("What is lost: the primary, or the primary of one shard."),
  ...range.shape,
  endless: z
    .string()
    .nullable()
    .describe(
      "Why nobody takes over, or writes stay refused: then the times count from when that is mended.",
    ),
  phases: z.array(
    z.strictObject({
      name: z.string(),
      ...range.shape,
      setting: z.string().nullable(),
      value: z.string().nullable(),
      note: z.string(),
    }),
  ),
});

const loss = z.strictObject({
  when: z.string(),
  windowMs: z.number().nullable().describe("Writes of so long a time may be lost; null: there is no bound."),
  what: z.string(),
  scenario: z.string(),
});

const risk = z.strictObject({
  rule: z.string(),
  level: z.enum(["danger", "warning"]),
  setting: z.string(),
  value: z.string(),
  place: z.string().nullable().describe("Where it is set, file:line; null: it is not."),
  why: z.string(),
  fix: z.string(),
  scenario: z.string().describe("The built-in scenario that shows it."),
});

const proof = z.strictObject({
  scenario: z.string(),
  rules: z.array(z.string()).describe("Which risks it shows; none: it measures the outage."),
  verdict: z.enum(["pass", "fail", "unknown", "broken"]),
  predictedMs: z.tuple([z.number(), z.number()]).nullable(),
  measuredMs: z.number().nullable(),
  within: z.boolean().nullable().describe("null: nothing was predicted, or nothing measured."),
  lost: z.number().nullable(),
  folder: z.string().nullable(),
});

export const adviseSchema = z.strictObject({
  schemaVersion: z.literal(ADVISE_SCHEMA_VERSION),
  topology: z.enum(["ha", "cluster"]),
  from: z.array(z.string()).describe("The files that were read, or the scenario."),
  valkey: z.string().describe("The version that it is meant for."),
  settings: z.record(z.string(), z.string()),
  replaced: z.array(z.strictObject({ text: z.string(), place: z.string(), why: z.string() })),
  outage,
  losses: z.array(loss),
  risks: z.array(risk),
  proofs: z.array(proof),
});

/** What `advise` says. */
export type Advice = z.infer<typeof adviseSchema>;
export type PredictedOutage = Advice["outage"];
export type PredictedPhase = PredictedOutage["phases"][number];
export type PredictedLoss = Advice["losses"][number];
export type Risk = Advice["risks"][number];
export type Proof = Advice["proofs"][number];
