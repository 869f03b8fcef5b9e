import { z } from "zod";
import type { Plan } from "../../model/plan.ts";
import type { ActiveFault } from "../../session/active-faults.ts";
import type { Inject } from "../wire.ts";

/** A part of what an action does. */
export type Deed =
  | { readonly inject: Inject }
  | { readonly heal: (fault: ActiveFault) => boolean; readonly what: string }
  | { readonly waitMs: number };

/**
 * An action of Redis' fault injector, and which faults of ours do the same. A new one is an entry in a file of this
 * folder and a line in the registry.
 */
export interface ActionKind<Schema extends z.ZodType = z.ZodType> {
  /** As clients send it. */
  readonly type: string;
  /** What it does here, in one line. */
  readonly does: string;
  readonly parameters: Schema;
  /** @throws DrillError for parameters that make no sense on that topology */
  deeds(parameters: z.output<Schema>, plan: Plan): Deed[];
}

/** Checks that the schema and `deeds` fit together. */
export function action<Schema extends z.ZodType>(kind: ActionKind<Schema>): ActionKind {
  return kind as ActionKind;
}

/** Clients name the database and the cluster that they mean; here there is one. */
export const WHICH = {
  bdb_id: z.union([z.string(), z.number()]).optional(),
  bdbId: z.union([z.string(), z.number()]).optional(),
  cluster_index: z.union([z.string(), z.number()]).optional(),
};

/** A node by its name, or any other target of a fault. */
export const nodeId = z.string().min(1);

const UNIT_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};
const PART = /(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)/g;

/** As Go writes a duration: `1m30s`, `500ms`; a number alone is seconds. Read as milliseconds, above 0. */
export const durationText = z.string().transform((text, context) => {
  const ms = parsed(text);
  if (ms > 0 && ms <= MOST_MS) return Math.max(1, Math.round(ms));
  context.addIssue({
    code: "custom",
    message: `"${text}" is no duration such as 5, 1.5s or 1m30s (up to 10m)`,
  });
  return z.NEVER;
});

/** The same, or seconds as a number. */
export const actionDuration = z.union([z.number().transform(String), z.string()]).pipe(durationText);

/** As long as a fault may last. */
const MOST_MS = 600_000;

function parsed(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(PART)];
  if (parts.map(([part]) => part).join("") !== text) return Number.NaN;
  return parts.reduce(
    (sum, [, amount, unit = ""]) => sum + Number(amount) * (UNIT_MS[unit] ?? Number.NaN),
    0,
  );
}
