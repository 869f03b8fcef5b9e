import { pauseRunning } from "../../base/wait.ts";
import { durationSchema, halvedMs } from "../duration.ts";
import type { StepKind } from "./step.ts";

/** `wait: 2s`: lets the load run for a while. For a condition there is `await`. */
export const waitStep: StepKind<number> = {
  action: "wait",
  summary: "lets the load run for a time",
  schema: durationSchema,
  written: (ms) => `${ms}ms`,
  smaller: halvedMs,
  title: (ms) => `steady load for ${ms / 1000} s`,
  async run(drill, ms) {
    const told = drill.operations.measure();
    await pauseRunning(ms, drill.signal);
    return told();
  },
};
