import { z } from "zod";
import type { StallKind } from "../model/observed.ts";
import { isRecord } from "./fields.ts";
import { settingsSchema } from "./settings-schema.ts";

const count = z.int().nonnegative();
const ranges = z.array(z.tuple([count, count]));

/**
 * Observations that the result is put together from, outside of any one checker. All other data is a checker's own matter: one that
 * cannot read it is `unknown`.
 */
const SHAPES: Readonly<Record<string, z.ZodType>> = {
  "final-node": z.looseObject({
    node: z.string(),
    reachable: z.boolean(),
    role: z.enum(["primary", "replica"]).optional(),
    follows: z.string().optional(),
    slots: ranges.optional(),
    keys: count.optional(),
    digest: z.string().optional(),
  }),
  // null: the client's library does not tell.
  redirects: z.looseObject({ moved: count.nullable(), ask: count.nullable() }),
  "stale-route": z.looseObject({ clientMoved: count.nullable(), clientAsk: count.nullable() }),
  settings: settingsSchema,
  stall: z
    .looseObject({
      from: count,
      to: count,
      kind: z.enum(["not-run", "busy", "suspended", "late-sends"] satisfies StallKind[]),
      lostMs: z.number().nonnegative().optional(),
    })
    .refine(({ from, to }) => from <= to, "a stall that ends before it begins"),
  "log-event": z.looseObject({ node: z.string(), at: z.number(), event: z.string() }),
  "client-event": z.looseObject({ at: z.number(), client: z.string(), event: z.string() }),
  "fault-skipped": z.looseObject({ fault: z.string(), target: z.string(), why: z.string() }),
};

/** Data nested deeper than that is none of ours, and would break whatever walks through it. */
const MOST_DEPTH = 32;

/** What is wrong with an observation's data; `undefined`: nothing. */
export function misshapen(name: string, data: unknown): string | undefined {
  if (name === "final-values")
    return isFinals(data) ? undefined : "data must be values by key, or keys that were not read";
  if (deeperThan(data, MOST_DEPTH)) return `data is nested more than ${MOST_DEPTH} deep`;
  const shape = Object.hasOwn(SHAPES, name) ? SHAPES[name] : undefined; // a name may be any text
  const [issue] = shape?.safeParse(data).error?.issues ?? [];
  return issue && `data.${issue.path.join(".")}: ${issue.message}`;
}

/** Written by hand: there is one for each key that was written. */
function isFinals(data: unknown): boolean {
  if (!isRecord(data)) return false;
  const { node, values = [], unread = [] } = data;
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

function deeperThan(value: unknown, most: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return most === 0 || Object.values(value).some((inner) => deeperThan(inner, most - 1));
}
