import { z } from "zod";

/*
 * Parts of `result.json`, each a schema of its own. Times in milliseconds.
 */

export const verdict = z.enum(["pass", "fail", "unknown"]);
export const count = z.int().nonnegative();
export const ms = z.number().nonnegative();

/** One checker's word, with what it rests on. */
export const checkSchema = z.strictObject({
  name: z.string(),
  verdict,
  summary: z.string().describe("One sentence for a person."),
  evidence: z
    .record(z.string(), z.unknown())
    .describe("What the verdict rests on; `reason` is a stable code where the verdict is not `pass`."),
  coverage: z
    .array(
      z.strictObject({
        needs: z.string().describe("What must have been observed before the check may pass."),
        met: z.boolean(),
        seen: z.string().optional().describe("Where it was not met: what was observed instead."),
        add: z.string().optional().describe("Where it was not met: what to change in the scenario."),
      }),
    )
    .optional()
    .describe("What it had to observe, and whether it did. Absent in results of older versions."),
});

/** A time in which the service failed, as the probe saw it. */
export const outageSchema = z.strictObject({
  kind: z.enum(["writes", "reads"]),
  shards: z.array(count).describe("Cluster: of whose keys. Empty in HA: of all."),
  hit: z.boolean().describe("Of the shards that the fault hit; false: of the other shards."),
  fault: z
    .strictObject({ name: z.string(), kind: z.string(), atMs: ms })
    .describe("The last one before it, in whose window it lies."),
  startMs: ms.describe("Completion of the last success before it, since the run began."),
  endMs: ms.nullable().describe("Completion of the first success after it; null: nobody saw its end."),
  lengthMs: ms.describe(
    "From its begin to its end; where its end was not seen, as long as it was seen to last.",
  ),
  certainMs: ms.describe("Of that, what no time between two operations of the probe can explain."),
  state: z
    .enum(["ended", "open", "seemingly-ended", "unseen"])
    .describe(
      "ended; open: it still went on when it was last looked at; seemingly-ended: it went well again, but not for " +
        "long enough to tell; unseen: the probe did not see its begin or its end.",
    ),
  failed: count.describe("Operations in it that did not end well in time."),
});

/** Which setting decided how long a step took, and how much of that it makes unavoidable. */
export const limitingSettingSchema = z.strictObject({
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
    .describe("How far `atMs` may be off, earlier or later; absent: the one who told it did so at once."),
  responsible: z
    .enum(["servers", "client", "drill"])
    .optional()
    .describe("On the path: who decides how long the step took."),
  governedBy: limitingSettingSchema.optional(),
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
export const stallsSchema = z.strictObject({
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
            "`not-run`: it got no processor (stopped, or a busy machine); `busy`: it was at work itself; " +
              "`suspended`: the machine slept; `late-sends`: nothing was sent that was due.",
          ),
      }),
    )
    .describe("The longest of them, in order of time."),
});

/** Which history a result was computed from. */
export const historySchema = z.strictObject({
  schemaVersion: count,
  events: count.describe("Its lines, the last one included."),
  digest: z
    .string()
    .describe(
      "sha256: and 64 hexadecimal digits, of all bytes before the digest in its last line; of all, where it has none.",
    ),
  verified: z.boolean().describe("Its last line's counts and digest are those of all lines before it."),
  note: z.string().nullable().describe("Why it is not verified; null: it is."),
});

/** What a drill that passed let go, and a stricter one would not have. */
export const acceptedSchema = z.strictObject({
  what: z.string().describe("A stable code: lost-writes, split-brain-writes, needless-failovers …"),
  count: count.describe("How many."),
  allowedBy: z.string().nullable().describe("The line of the scenario that allows it; null: none does."),
  text: z.string().describe("Both in words, as the verdict line has them."),
});

/** How far replication was behind when a primary was lost. */
export const replicationSchema = z.strictObject({
  fault: z.string().describe("As on a timeline: `primary killed`."),
  atMs: ms.describe("Since the run began."),
  primary: z.string(),
  unseenMs: ms.describe("For so long before the fault nothing that it acknowledged was seen on any replica."),
  writes: count.describe("Acknowledged in that time."),
  note: z.string().nullable().describe("The same in words; null: no longer than looks at the replicas take."),
});
