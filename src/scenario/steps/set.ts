import { z } from "zod";
import type { StepKind } from "./step.ts";

const schema = z.record(
  z.string().regex(/^[a-z][a-z0-9-]*$/),
  z.union([z.string(), z.number(), z.boolean()]).transform((value) => {
    if (typeof value === "boolean") return value ? "yes" : "no";
    return String(value);
  }),
  { error: (issue) => (issue.code === "invalid_key" ? "is not the name of a setting" : undefined) },
);

/** `set: { cluster-require-full-coverage: no }`: CONFIG SET on every data node. */
export const setStep: StepKind<"set", typeof schema> = {
  action: "set",
  summary: "changes a setting of every data node that no fault holds (CONFIG SET)",
  schema,
  title: (settings) =>
    `set ${Object.entries(settings)
      .map((pair) => pair.join(" "))
      .join(", ")}`,
};
