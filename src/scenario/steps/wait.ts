import { durationSchema, halvedMs } from "../duration.ts";
import type { StepKind } from "./step.ts";

/** `wait: 2s`: lets the load run for a while. For a condition there is `await`. */
export const waitStep: StepKind<"wait", typeof durationSchema> = {
  action: "wait",
  summary: "lets the load run for a time",
  schema: durationSchema,
  written: (ms) => `${ms}ms`,
  smaller: halvedMs,
  title: (ms) => `steady load for ${ms / 1000} s`,
};
