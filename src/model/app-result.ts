import { z } from "zod";
import { count, ms } from "./result-parts.ts";

/* What `result.json` says of an application under the drill. Times in milliseconds. */

/** The words that people use for what became of an application. */
export const APP_WORDS = ["RECOVERED", "STUCK", "LOST", "DUPLICATED", "DIED"] as const;

/** What became of an application. */
export type AppWord = (typeof APP_WORDS)[number];

/** What one probe saw. */
const probeSchema = z.strictObject({
  name: z.string(),
  asks: z.string(),
  is: z.enum(["write", "read", "read-back", "delivered", "check"]),
  sent: count,
  ok: count,
  failed: count.describe("Surely not done."),
  unknown: count.describe("Nobody can know whether it was done."),
  outageMs: ms
    .nullable()
    .describe(
      "Longest time without a success, where an answer that comes much later than usual is none; null: not measured, " +
        "or its end was not seen.",
    ),
  outages: z
    .array(z.strictObject({ startMs: ms, endMs: ms.nullable(), failed: count }))
    .describe("Every one, since the run began; `endMs` null: it went on when it was last seen."),
  p50Ms: ms
    .nullable()
    .describe("Of what was sent outside of outages; null: not measured, or never answered."),
  p99Ms: ms.nullable().describe("The same; what was never answered counts as later than any answer."),
  maxMs: ms.nullable().describe("The longest good answer, in an outage or not."),
  lost: count.nullable().describe("Acknowledged and gone; null: no probe can tell."),
  duplicated: count.nullable().describe("Done more than once; null: no probe can tell."),
  answers: z
    .array(z.strictObject({ answer: z.string(), count }))
    .describe("What it was answered: statuses and errors, the most frequent first."),
});

/** The application of a run, and what its users saw. */
export const appResultSchema = z.strictObject({
  started: z.string().nullable().describe("What was started; null: it ran already."),
  instances: count,
  words: z
    .array(z.enum(APP_WORDS))
    .describe(
      "What became of it, the worst first: STUCK, DIED, LOST, DUPLICATED, RECOVERED. Empty: not known.",
    ),
  recoveredAfterMs: ms
    .nullable()
    .describe(
      "The longest time from a fault, or its end, until every probe went well again by itself, lastingly; null: it " +
        "did not, or no probe told.",
    ),
  restarts: count,
  memory: z
    .strictObject({ firstBytes: count, maxBytes: count, lastBytes: count })
    .nullable()
    .describe("Of all instances together; null: not measured."),
  probes: z.array(probeSchema),
  connections: z
    .array(
      z.strictObject({
        node: z.string(),
        role: z.string().nullable(),
        superseded: z.boolean().describe("It was a primary, and another was promoted in its place."),
        answered: z.boolean(),
        count,
        libraries: z.array(z.string()),
        commands: z.array(z.string()).describe("Last commands, the most frequent first."),
        blocked: count,
        longestIdleS: count.nullable(),
      }),
    )
    .describe("Where its connections were when the drill looked last, by the servers' own lists."),
});

/** The application of a run. */
export type AppResult = z.infer<typeof appResultSchema>;
/** One probe of it. */
export type ProbeResult = z.infer<typeof probeSchema>;
