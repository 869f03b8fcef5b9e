import { z } from "zod";
import { settingsSchema } from "../settings-schema.ts";
import { count, time, wordOf } from "./words.ts";

/* What was seen of the drill itself: its client, its workloads, its faults, its own process. */

/** A time in which the process that sends, looks and records did nothing. */
const stall = z
  .object({
    /** ns on the run's clock. */
    from: count,
    to: count,
    /**
     * - `not-run`: it got no processor (it was stopped, or the machine was busy)
     * - `busy`: it was at work itself
     * - `suspended`: the machine slept
     * - `late-sends`: nothing was sent that was due
     */
    kind: z.enum(["not-run", "busy", "suspended", "late-sends"]),
    /** `suspended`: how long, ms. The run's clock does not count that. */
    lostMs: z.number().nonnegative().optional(),
  })
  .refine(({ from, to }) => from <= to, { path: ["to"], error: "a stall that ends before it begins" });

/** What a client library tells of its connections. */
const clientEvent = z.object({
  /** ns on the run's clock. */
  at: time,
  /** `main`: sends reads, and writes without WAIT; `writer`: sends the writes that use WAIT. */
  client: wordOf<"main" | "writer">(),
  /** The connections that its calls to primaries use, or those to replicas. */
  role: wordOf<"primary" | "replica">().default("primary"),
  /**
   * - `lost`: a connection ended; `reconnecting`: it will be tried again
   * - `ready`: a connection can be used
   * - `rerouted`: (cluster) slots are now sent to another node
   */
  event: wordOf<"lost" | "reconnecting" | "ready" | "rerouted">(),
  /** Where to; absent if that is not known. */
  node: z.string().optional(),
});

/** A fault that was to be injected, and could not be at that time. */
const faultSkipped = z.object({
  fault: z.string(),
  /** The selectors, as the scenario has them. */
  target: z.string(),
  why: z.string(),
  /** It had begun, could not go on, and was healed. */
  begun: z.boolean().default(false),
  /** The scenario says that it may be left out. */
  optional: z.boolean().default(false),
});

/** How often a client was sent elsewhere; `null`: its library does not tell. */
const redirects = z.object({ moved: count.nullable(), ask: count.nullable() });

/** A workload began or ended, whether it sent anything or not. */
const workload = z.object({
  workload: z.string(),
  phase: z.enum(["start", "end"]),
  /** ns on the run's clock. */
  at: time,
});

/** What a key holds: `null`: there is none; a string; the elements of a list. */
type Held = string | null | readonly string[];

/** A part of what stood under the keys at the end, or of the keys that could not be read. */
export interface FinalValues {
  readonly node?: string;
  readonly values?: readonly (readonly [key: string, held: Held])[];
  readonly unread?: readonly string[];
  /** Why they could not be read. */
  readonly why?: string;
}

/** Written by hand: there is one for each key that was written. */
function isFinalValues(data: unknown): boolean {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return false;
  const { node, values = [], unread = [] } = data as Record<string, unknown>;
  return (
    (node === undefined || typeof node === "string") &&
    Array.isArray(values) &&
    values.every(isFinal) &&
    areTexts(unread)
  );
}

function isFinal(pair: unknown): boolean {
  if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== "string") return false;
  const found: unknown = pair[1];
  return found === null || typeof found === "string" || areTexts(found);
}

function areTexts(list: unknown): boolean {
  return Array.isArray(list) && list.every((one) => typeof one === "string");
}

/** Of the drill itself, by the names of the observations. */
export const OF_DRILL = {
  stall,
  "client-event": clientEvent,
  "fault-skipped": faultSkipped,
  /** Of the drill's own client, in the whole run. */
  redirects,
  workload,
  /** What a step set on every data node. */
  settings: settingsSchema,
  "final-values": z.custom<FinalValues>(isFinalValues, "must be values by key, or keys that were not read"),
};
