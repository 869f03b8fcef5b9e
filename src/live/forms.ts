import { z } from "zod";
import type { Fault } from "../fault/fault.ts";
import { FAULTS } from "../fault/registry.ts";
import { availability } from "../model/availability.ts";
import type { Capable } from "../model/capabilities.ts";
import type { LiveFault, LiveField, LiveWorkload } from "../model/live.ts";
import type { TopologyKind } from "../model/plan.ts";
import { WORKLOADS } from "../workload/registry.ts";

/* Forms for the page, made from the schemas that read scenarios: an option that is added there is in the form. */

/** Every fault that is for this kind of topology; of one that the driver cannot do here, why. */
export function faultForms(on: Capable, topology: TopologyKind): LiveFault[] {
  return [...FAULTS.values()]
    .filter((fault) => availability(fault.kind, fault, { topology }).available)
    .map((fault) => ({
      kind: fault.kind,
      summary: fault.summary,
      targetKind: fault.targetKind ?? "nodes",
      dataNodesOnly: fault.dataNodesOnly === true,
      sentinelsOnly: fault.sentinelsOnly === true,
      lacks: lackOf(fault, on),
      fields: fieldsOf(fault.options),
    }));
}

/** The workloads that can run beside faults. */
export function workloadForms(kind: TopologyKind): LiveWorkload[] {
  return [...WORKLOADS.values()]
    .filter((workload) => workload.kind === "steady")
    .filter((workload) => availability(workload.name, workload, { topology: kind }).available)
    .map(({ name, summary, options }) => ({ name, summary, fields: fieldsOf(options) }));
}

function lackOf(fault: Fault, capable: Capable): string | null {
  const said = availability(fault.kind, fault, { on: { capable, name: "environment" } });
  if (said.available) return null;
  return said.hint === undefined ? said.reason : `${said.reason}. ${said.hint}`;
}

interface JsonField {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
}

/**
 * One field for each option; what has no plain form is a text, which the schema reads as it does on the command line.
 */
export function fieldsOf(schema: z.ZodType): LiveField[] {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const required = json.required ?? [];
  return Object.entries((json.properties ?? {}) as Record<string, JsonField>).map(([name, field]) => {
    const { minimum: min, maximum: max, default: initial, description: hint } = field;
    const plain = ["string", "number", "boolean"].includes(typeof initial);
    const numeric = field.type === "integer" || field.type === "number";
    return {
      name,
      kind: kindOf(field),
      ...(field.type === "integer" && { whole: true }),
      ...(numeric && isBound(min) && { min }),
      ...(numeric && isBound(max) && { max }),
      ...(field.enum && { choices: field.enum.map(String) }),
      ...(plain && { initial: initial as string | number | boolean }),
      required: required.includes(name),
      ...(hint !== undefined && { hint }),
    };
  });
}

function kindOf({ type, enum: choices }: JsonField): LiveField["kind"] {
  if (choices !== undefined) return "choice";
  if (type === "integer" || type === "number") return "number";
  return type === "boolean" ? "switch" : "text";
}

/** JSON Schema bounds every whole number by what a double can hold: no bound that helps anybody. */
function isBound(value: number | undefined): value is number {
  return value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
}
