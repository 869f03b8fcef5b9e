import { z } from "zod";
import type { WorkloadName } from "../input.ts";
import { withInput } from "../with-input.ts";
import type { StepKind } from "./step.ts";
import { requireClientFor, useSchema, workloadMisfits } from "./use-workload.ts";

const schema = useSchema<"steady">();
const nameSchema = withInput<WorkloadName<"steady">>()(z.string());

/** `start: unique-writes`: a steady workload, from now until it is stopped or the steps are over. */
export const startStep: StepKind<"start", typeof schema> = {
  action: "start",
  summary: "starts a steady workload, which goes on beside the next steps",
  schema,
  misfits: (use, topology) => workloadMisfits(use, "steady", topology),
  check: (use, { client }) => requireClientFor(use, client),
  uses: (use) => [use],
  written: ({ name, options }) => ({ [name]: options }),
  title: ({ name }) => `start ${name}`,
};

/** `stop: unique-writes` */
export const stopStep: StepKind<"stop", typeof nameSchema> = {
  action: "stop",
  summary: "stops a steady workload",
  schema: nameSchema,
  misfits: (name, topology) => workloadMisfits({ name }, "steady", topology),
  title: (name) => `stop ${name}`,
};
