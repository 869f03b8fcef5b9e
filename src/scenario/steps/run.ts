import type { StepKind } from "./step.ts";
import { requireClientFor, useSchema, workloadMisfits } from "./use-workload.ts";

const schema = useSchema<"finite">();

/** `run: crud`: one finite workload, to its end. */
export const runStep: StepKind<"run", typeof schema> = {
  action: "run",
  summary: "runs a finite workload to its end",
  schema,
  misfits: (use, topology) => workloadMisfits(use, "finite", topology),
  check: (use, { client }) => requireClientFor(use, client),
  uses: (use) => [use],
  written: ({ name, options }) => ({ [name]: options }),
  title: ({ name }) => name,
};
