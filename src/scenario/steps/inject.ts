import { z } from "zod";
import { didYouMean } from "../../base/nearest.ts";
import { FAULTS, faultNamed } from "../../fault/registry.ts";
import { availability } from "../../model/availability.ts";
import { durationSchema, halvedMs } from "../duration.ts";
import { checkCapabilities } from "../injectable.ts";
import type { FaultKind, Injection } from "../input.ts";
import { checkSelectors, linksNeeded } from "../targets.ts";
import { withInput } from "../with-input.ts";
import type { StepKind } from "./step.ts";

const faultKind = withInput<FaultKind>()(
  z.string().refine((kind) => FAULTS.has(kind), {
    error: (issue) =>
      `no fault is named "${issue.input}".${didYouMean(String(issue.input), [...FAULTS.keys()])} ` +
      `There are: ${[...FAULTS.keys()].join(", ")}`,
  }),
);

/** An injection as it was read. */
export interface Injected {
  readonly fault: string;
  readonly targets: readonly string[];
  readonly forMs: number | undefined;
  readonly optional?: true;
  readonly options: unknown;
}

/** `{ fault, target, for?, optional?, …options of the fault }`, the options read by the fault's own schema. */
const schema = withInput<Injection>()(
  z
    .looseObject({
      fault: faultKind,
      target: z.union([z.string(), z.array(z.string()).min(1)]),
      for: durationSchema.optional(),
      optional: z.boolean().default(false),
    })
    .transform((given, context): Injected => {
      const { fault, target, for: forMs, optional, ...rest } = given;
      const parsed = faultNamed(fault).options.safeParse(rest);
      if (parsed.success)
        return {
          fault,
          targets: [target].flat(),
          forMs,
          ...(optional && { optional }),
          options: parsed.data,
        };
      for (const issue of parsed.error.issues) {
        context.addIssue({ code: "custom", message: `${fault}: ${issue.message}`, path: [...issue.path] });
      }
      return z.NEVER;
    }),
);

/** `inject: { fault: kill, target: primary }` */
export const injectStep: StepKind<"inject", typeof schema> = {
  action: "inject",
  summary:
    "puts a fault in force on the nodes, or links, that a selector names; with `for`, heals it after that time",
  schema,
  written: ({ fault, targets, forMs, optional, options }) => ({
    fault,
    target: targets.length === 1 ? targets[0] : targets,
    ...(forMs !== undefined && { for: `${forMs}ms` }),
    ...(optional && { optional }),
    ...(options as object),
  }),
  misfits({ fault, options }, topology) {
    const said = availability(fault, faultNamed(fault), { topology, options });
    return said.available ? [] : [{ path: ["fault"], message: said.reason }];
  },
  check({ fault, targets }, { plan, driver }) {
    checkCapabilities(faultNamed(fault), driver, `${driver.name} driver`);
    checkSelectors(faultNamed(fault), targets, plan);
  },
  links: ({ fault, targets }) => linksNeeded(faultNamed(fault), targets),
  smaller: (value) => [
    ...(value.targets.length > 1
      ? value.targets.map((_, at) => ({ ...value, targets: value.targets.toSpliced(at, 1) }))
      : []),
    ...(value.forMs === undefined ? [] : halvedMs(value.forMs).map((forMs) => ({ ...value, forMs }))),
  ],
  title: ({ fault, targets, forMs }) =>
    `${fault} ${targets.join(", ")}${forMs === undefined ? "" : ` for ${forMs / 1000} s`}`,
};

/** `heal: kill`: undoes every fault of that kind that is in force. */
export const healStep: StepKind<"heal", typeof faultKind> = {
  action: "heal",
  summary: "undoes every fault of that kind that is in force",
  schema: faultKind,
  title: (fault) => `heal ${fault}`,
};
