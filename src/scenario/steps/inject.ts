import { z } from "zod";
import { didYouMean } from "../../base/nearest.ts";
import type { Fault } from "../../fault/fault.ts";
import { FAULTS } from "../../fault/registry.ts";
import { DrillError } from "../../model/errors.ts";
import { checkSelector } from "../selectors.ts";
import type { StepKind } from "./step.ts";

const faultKind = z.string().refine((kind) => FAULTS.has(kind), {
  error: (issue) =>
    `no fault is named "${issue.input}".${didYouMean(String(issue.input), [...FAULTS.keys()])} There are: ${[...FAULTS.keys()].join(", ")}`,
});

const schema = z.strictObject({
  fault: faultKind,
  target: z.union([z.string(), z.array(z.string()).min(1)]),
});

/** `inject: { fault: kill, target: primary }` */
export const injectStep: StepKind<z.infer<typeof schema>> = {
  action: "inject",
  summary: "puts a fault in force on the nodes that a selector names",
  schema,
  check({ fault, target }, { plan, driver }) {
    const lacking = faultNamed(fault).needs.filter((need) => !driver.capabilities.has(need));
    if (lacking.length > 0) {
      throw new DrillError(
        "LACKS_CAPABILITY",
        `${fault} needs ${lacking.join(", ")}, which the ${driver.name} driver lacks`,
      );
    }
    for (const selector of [target].flat()) checkSelector(selector, plan);
  },
  title: ({ fault, target }) => `${fault} ${[target].flat().join(", ")}`,
  async run(drill, { fault, target }) {
    const targets = await drill.inject(faultNamed(fault), [target].flat());
    return targets.join(", ");
  },
};

/** `heal: kill`: undoes every fault of that kind that is in force. */
export const healStep: StepKind<string> = {
  action: "heal",
  summary: "undoes every fault of that kind that is in force",
  schema: faultKind,
  title: (fault) => `heal ${fault}`,
  async run(drill, fault) {
    const targets = await drill.heal(faultNamed(fault));
    return targets.join(", ");
  },
};

/** The fault of that kind, which the schema has let pass. */
export function faultNamed(kind: string): Fault {
  const fault = FAULTS.get(kind);
  if (!fault) throw new DrillError("BAD_USAGE", `no fault is named "${kind}"`);
  return fault;
}
