import { z } from "zod";
import type { StepKind } from "./step.ts";
import { useSchema, workloadMisfits, workloadNamed } from "./use-workload.ts";

/** `start: unique-writes`: a steady workload, from now until it is stopped or the steps are over. */
export const startStep: StepKind<z.infer<typeof useSchema>> = {
  action: "start",
  summary: "starts a steady workload, which goes on beside the next steps",
  schema: useSchema,
  misfits: ({ name }, topology) => workloadMisfits(name, "steady", topology),
  uses: (use) => [use],
  written: ({ name, options }) => ({ [name]: options }),
  title: ({ name }) => `start ${name}`,
  async run(drill, { name, options }) {
    drill.startWorkload(workloadNamed(name), options);
    return undefined;
  },
};

/** `stop: unique-writes` */
export const stopStep: StepKind<string> = {
  action: "stop",
  summary: "stops a steady workload",
  schema: z.string(),
  misfits: (name, topology) => workloadMisfits(name, "steady", topology),
  title: (name) => `stop ${name}`,
  async run(drill, name) {
    await drill.stopWorkload(name);
    return undefined;
  },
};
