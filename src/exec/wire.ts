import { z } from "zod";
import { TOPOLOGY_CONDITIONS } from "../api/until-condition.ts";
import { ERROR_CODES } from "../model/errors.ts";
import { durationSchema } from "../scenario/duration.ts";

/* What goes over the wire: the server reads requests by these schemas, and the OpenAPI document is made from them. */

const MOST_CHARS = 2000;
const text = z.string().min(1).max(MOST_CHARS);

export const errorSchema = z.object({
  error: z.object({
    code: z.string().meta({ examples: Object.keys(ERROR_CODES) }),
    message: z.string().describe("What was wrong, and where."),
    hint: z.string().optional().describe("What to do about it."),
  }),
});

/** What no endpoint takes a body for may be sent an empty object all the same. */
export const nothingSchema = z.strictObject({});

/** The options of the fault stand beside these: `GET /faults` has their schemas. */
export const injectSchema = z.looseObject({
  fault: text.describe("One of the faults that GET /faults lists."),
  target: z
    .union([text, z.array(text).min(1)])
    .describe("Which nodes or links: `primary`, `replica-1`, `shard:1/primary`, `clients<>primary`."),
  for: z.string().optional().describe("Heals it after that time: `500ms`, `2s`, `1m`."),
});

export const healSchema = z.strictObject({
  fault: text.optional().describe("Heals all faults of that kind. Default: every fault."),
});

export const awaitSchema = z.strictObject({
  condition: z.string().meta({ enum: TOPOLOGY_CONDITIONS }),
  within: durationSchema.default(30_000).describe("How long: `500ms`, `15s`, `1m`. Default: `30s`."),
});

export const actionSchema = z.strictObject({
  type: text.describe("The name of an action: GET /action lists them."),
  parameters: z.record(z.string(), z.unknown()).default({}),
});

const nodeSchema = z.object({
  name: z.string(),
  startedAs: z.enum(["primary", "replica", "sentinel"]).describe("Its role at the start."),
  host: z.string(),
  port: z.number(),
  process: z.enum(["running", "stopped", "paused"]),
  reachable: z.boolean().describe("It answers."),
  role: z.enum(["primary", "replica", "sentinel"]).optional().describe("Its role now, if it answers."),
  follows: z.string().optional(),
  link: z.enum(["up", "down"]).optional().describe("Of a replica to its primary."),
  slots: z.string().optional(),
  keys: z.number().optional(),
});

export const topologySchema = z.object({
  id: z.string(),
  kind: z.enum(["ha", "cluster"]),
  driver: z.string(),
  valkey: z.string().describe("Version of the server."),
  sentinelGroup: z.string().optional().describe("By which name the Sentinels know the primary."),
  nodes: z.array(nodeSchema),
  broken: z
    .string()
    .optional()
    .describe("A node ended by itself: the topology is no longer what it should be."),
});

export const injectedSchema = z.object({
  id: z.int(),
  fault: z.string(),
  label: z.string(),
  targets: z.array(z.string()).describe("Names of the nodes, or links, that it hit."),
  status: z.enum(["pending", "in-force", "healed", "failed"]),
  error: errorSchema.shape.error.optional(),
});

const faultSchema = z.object({
  fault: z.string(),
  summary: z.string(),
  targets: z.enum(["nodes", "links"]),
  available: z.boolean().describe("It can be injected here."),
  reason: z.string().optional().describe("Why not."),
  hint: z.string().optional().describe("What would allow it."),
  options: z.record(z.string(), z.unknown()).describe("JSON Schema of its options."),
});

export const faultsSchema = z.object({
  faults: z.array(faultSchema),
  targets: z.object({
    nodes: z.record(z.string(), z.string()).describe("The forms of a target, and what each means."),
    links: z.record(z.string(), z.string()),
  }),
  injected: z.array(injectedSchema).describe("Since the last reset, in order."),
});

export const healedSchema = z.object({
  healed: z.array(z.string()).describe("Kinds of the faults, the last first."),
});
export const awaitedSchema = z.object({
  condition: z.string(),
  seen: z.string().describe("What fulfilled it, as the name of the new primary."),
  tookMs: z.number(),
});
export const resetDoneSchema = z.object({ tookMs: z.number() });

export const actionBegunSchema = z.object({
  action_id: z.string(),
  status: z.literal("pending"),
});
export const actionStatusSchema = z.object({
  action_id: z.string(),
  status: z.enum(["pending", "success", "failed"]),
  error: z.string().nullable(),
  output: z.record(z.string(), z.unknown()).describe("What was done, step by step."),
});
export const actionListSchema = z.object({
  actions: z.array(z.object({ type: z.string(), does: z.string() })),
  refused: z.array(z.object({ type: z.string(), reason: z.string() })),
});

export type Inject = z.output<typeof injectSchema>;
export type Injected = z.output<typeof injectedSchema>;
export type TopologyAnswer = z.output<typeof topologySchema>;
export type FaultsAnswer = z.output<typeof faultsSchema>;
export type ActionStatus = z.output<typeof actionStatusSchema>;
