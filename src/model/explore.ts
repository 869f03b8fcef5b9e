import { z } from "zod";
import { acceptedSchema } from "./result-parts.ts";

/** Version of what `explore --json` prints. */
export const EXPLORE_SCHEMA_VERSION = 1;

const count = z.int().nonnegative();

/** One round: a drill by chance, and how it ended. */
export const exploreRoundSchema = z.strictObject({
  seed: count,
  drill: z.string(),
  description: z.string().describe("The faults that were drawn."),
  verdict: z
    .enum(["pass", "fail", "unknown", "broken"])
    .describe("broken: the environment broke; there is no verdict."),
  codes: z.array(z.string()).describe("What did not pass, as `check:reason`."),
  why: z.array(z.string()).describe("The same in words."),
  accepted: z.array(acceptedSchema).describe("What a round that passed let go."),
  writeOutageMs: z.number().nonnegative().nullable().describe("null: it did not end, or was not measured."),
  lost: count.nullable().describe("Acknowledged writes that are gone; null: not judged."),
  folder: z
    .string()
    .nullable()
    .describe("Where the run is kept: it lost writes, or did not pass; null: it was removed."),
  replay: z.string().describe("The command that runs that round again."),
});

/** What `explore --json` prints. */
export const exploreSchema = z.strictObject({
  schemaVersion: z.literal(EXPLORE_SCHEMA_VERSION),
  topology: z.enum(["ha", "cluster"]),
  valkey: z.string(),
  driver: z.string(),
  faults: z.record(z.string(), z.number()).describe("What could be drawn, with its weight."),
  verdict: z.enum(["pass", "fail", "unknown", "broken"]).describe("Of the last round; all before it passed."),
  rounds: z.array(exploreRoundSchema),
  shrunk: z
    .strictObject({
      scenario: z.string().nullable().describe("The file; null: it did not fail again."),
      steps: count,
      codes: z.array(z.string()),
      failed: count.describe("Of the last tries, so many failed."),
      tries: count,
      runs: count,
      minimal: z.boolean().describe("Nothing smaller fails, as far as was tried."),
    })
    .nullable()
    .describe("The drill that failed, made smaller; null: none failed, or it was not to be."),
});

export type ExploreRound = z.infer<typeof exploreRoundSchema>;
export type ExploreDocument = z.infer<typeof exploreSchema>;
