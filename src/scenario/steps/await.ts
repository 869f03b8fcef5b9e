import { z } from "zod";
import { waitFor } from "../../base/wait.ts";
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
  async run(drill, { condition, within }) {
    const look = CONDITIONS[condition].begin(drill);
    await drill.look(); // what held before the step before this one holds no longer
    return waitFor(look, { what: CONDITIONS[condition].title, timeoutMs: within, signal: drill.signal });
  },
};
