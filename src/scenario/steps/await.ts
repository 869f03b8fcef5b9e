import { z } from "zod";
import { CONDITIONS, conditionNames as names } from "../conditions.ts";
import { durationSchema } from "../duration.ts";
import type { StepKind } from "./step.ts";

const schema = z.strictObject({ condition: z.enum(names), within: durationSchema });

/** `await: { condition: promoted, within: 15s }` */
export const awaitStep: StepKind<"await", typeof schema> = {
  action: "await",
  summary: `waits for a condition: ${names.join(", ")}`,
  schema,
  written: ({ condition, within }) => ({ condition, within: `${within}ms` }),
  title: ({ condition }) => `wait for ${CONDITIONS[condition].title}`,
};
