import { z } from "zod";
import { FAULTS } from "../fault/registry.ts";
import { libraryNames } from "../libraries/registry.ts";
import { WORKLOADS } from "../workload/registry.ts";
import type { Workload } from "../workload/workload.ts";
import { probeExpectSchema } from "./app/expect-schema.ts";
import { scenarioSchema } from "./schema.ts";
import { STEPS } from "./steps/registry.ts";
import { SCHEDULED, timingSchema } from "./steps/schedule.ts";

type Json = Record<string, unknown>;

/**
 * The JSON Schema (draft 2020-12) of a scenario file, as published in `schema/scenario.schema.json`: for editors, which
 * complete and check while one types. It is built from the schemas that read a scenario, so it knows every workload,
 * fault and option; what only the reader can know (is that selector meant for that topology?) it lets pass.
 */
export function scenarioJsonSchema(): object {
  const { $schema, ...shape } = jsonSchemaOf(scenarioSchema);
  const properties = shape.properties as Json;
  return {
    $schema,
    $id: "urn:valkey-drill:scenario:1",
    title: "valkey-drill scenario",
    description: "A drill: a topology, steps that load and break it, and what is expected.",
    ...shape,
    $defs: Object.fromEntries(
      [...STEPS].map(([action, { summary }]) => [action, { description: summary, ...valueFor(action) }]),
    ),
    properties: {
      ...properties,
      expect: {
        ...(properties.expect as Json),
        additionalProperties: {
          description: "What is expected of the probe of that name.",
          ...plain(jsonSchemaOf(probeExpectSchema)),
        },
      },
      client: { ...(properties.client as Json), enum: libraryNames() },
      steps: {
        type: "array",
        minItems: 1,
        items: { anyOf: [...STEPS.keys()].map((action) => stepOf(action)) },
      },
    },
  };
}

function stepOf(action: string): Json {
  return object({ [action]: reference(action) }, [action]);
}

function reference(action: string): Json {
  return { $ref: `#/$defs/${action}` };
}

/** What a step's own schema cannot say in JSON, because it is read in two turns, is said here. */
function valueFor(action: string): Json {
  if (action === "run") return uses("finite");
  if (action === "start") return uses("steady");
  if (action === "stop") return { enum: namesOf("steady") };
  if (action === "heal") return { enum: [...FAULTS.keys()] };
  if (action === "inject") return { anyOf: [...FAULTS.keys()].map(injectionOf) };
  if (action === "schedule") return { type: "array", minItems: 1, items: { anyOf: SCHEDULED.map(entryOf) } };
  const kind = STEPS.get(action);
  return kind ? plain(jsonSchemaOf(kind.schema)) : {};
}

/** `crud`, or `{ crud: { ttlMs: 500 } }`. */
function uses(kind: Workload["kind"]): Json {
  const ofKind = namesOf(kind).map((name) => {
    const workload = WORKLOADS.get(name) as Workload;
    return object({ [name]: { description: workload.summary, ...plain(jsonSchemaOf(workload.options)) } }, [
      name,
    ]);
  });
  return { anyOf: [{ enum: namesOf(kind) }, ...ofKind] };
}

function namesOf(kind: Workload["kind"]): string[] {
  return [...WORKLOADS.values()].filter((workload) => workload.kind === kind).map(({ name }) => name);
}

/** `{ fault, target, for }` and the fault's own options beside them. */
function injectionOf(name: string): Json {
  const fault = FAULTS.get(name);
  const options = fault ? plain(jsonSchemaOf(fault.options)) : {};
  const duration = { type: "string", pattern: DURATION };
  return object(
    {
      fault: { const: name, description: fault?.summary },
      target: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" }, minItems: 1 }] },
      for: { ...duration, description: "Healed after that time." },
      optional: {
        type: "boolean",
        default: false,
        description:
          "true: the drill counts also if nobody answers to the target then, or the fault cannot be done.",
      },
      ...(options.properties as Json),
    },
    ["fault", "target", ...((options.required as string[] | undefined) ?? [])],
  );
}

function entryOf(action: string): Json {
  const { properties } = plain(jsonSchemaOf(timingSchema)) as { properties: Json };
  return object({ ...properties, [action]: reference(action) }, [action]);
}

const DURATION = "^\\d+(\\.\\d+)?(ms|s|m)$";

function object(properties: Json, required: readonly string[]): Json {
  return { type: "object", properties, required, additionalProperties: false };
}

function jsonSchemaOf(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, { target: "draft-2020-12", io: "input", unrepresentable: "any" }) as Json;
}

function plain({ $schema: _, ...shape }: Json): Json {
  return shape;
}
