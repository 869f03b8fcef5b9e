import { z } from "zod";
import { didYouMean } from "../base/nearest.ts";
import { DEFAULT_LIBRARY, libraryNames } from "../libraries/registry.ts";
import { replicaCounts, type TopologySpec, topologySpecSchema } from "../topology/spec.ts";
import { appSchema } from "./app/app-schema.ts";
import {
  appExpectations,
  appExpectSchema,
  type ProbeExpectInput,
  probeExpectations,
  probeExpectSchema,
} from "./app/expect-schema.ts";
import { misfitsOf, settled, unexpectable } from "./app/misfits.ts";
import { type ProbeInput, probeSchema } from "./app/probe-schema.ts";
import type { ClientName, StepInput } from "./input.ts";
import { unmeasurable } from "./measurable.ts";
import { type AnyStep, STEPS } from "./steps/registry.ts";
import { withInput } from "./with-input.ts";

/** One step, its value read by its own kind's schema. */
export interface Step {
  readonly action: string;
  readonly value: unknown;
}

const actions = [...STEPS.keys()];

const step = withInput<StepInput<AnyStep>>()(
  z.record(z.string(), z.unknown()).transform((given, context): Step => {
    const [action, ...more] = Object.keys(given);
    const kind = action === undefined ? undefined : STEPS.get(action);
    if (action === undefined || more.length > 0) {
      context.addIssue({
        code: "custom",
        message: `a step has exactly one action of: ${actions.join(", ")}`,
      });
      return z.NEVER;
    }
    if (!kind) {
      const message = `no action is named "${action}".${didYouMean(action, actions)} There are: ${actions.join(", ")}`;
      context.addIssue({ code: "custom", message, path: [action] });
      return z.NEVER;
    }
    const parsed = kind.schema.safeParse(given[action]);
    if (parsed.success) return { action, value: parsed.data };
    for (const issue of parsed.error.issues) {
      context.addIssue({ code: "custom", message: issue.message, path: [action, ...issue.path] });
    }
    return z.NEVER;
  }),
);

const limitMs = z.int().min(0).max(600_000);

const known = z.strictObject({
  promoted: z
    .boolean()
    .optional()
    .describe("true: a replica was promoted after each loss of a primary; false: nobody was."),
  outage: z
    .strictObject({
      writeMs: limitMs.optional(),
      readMs: limitMs.optional(),
      otherShardsMs: limitMs.optional().describe("Cluster: of the shards that no fault hit."),
    })
    .optional(),
  lostAcknowledgedWrites: z
    .union([z.enum(["replicated", "expected"]), z.int().min(0)])
    .optional()
    .describe(
      "replicated (what counts without it): none that was seen replicated before the fault; a number: so many at " +
        "most; expected: writes that were replicated must be lost.",
    ),
  staleness: z
    .strictObject({
      maxVersions: z.int().min(0).optional().describe("Most acknowledged versions that a read may miss."),
      p99Ms: limitMs.optional().describe("99 of 100 reads may be no staler than this."),
      maxMs: limitMs.optional(),
      monotonicReads: z
        .boolean()
        .default(false)
        .describe("true: no session reads an older version than before."),
      readYourWrites: z.boolean().default(false).describe("true: no session misses a write of its own."),
    })
    .optional()
    .describe("Reads from replicas, as stale-reads sees them. Without it they are measured, not limited."),
  splitBrain: z
    .union([
      z.literal("expected"),
      z.strictObject({
        ms: limitMs.optional().describe("Longest time for which a superseded primary may take writes."),
        writes: z.int().min(0).default(0).describe("Most that superseded primaries may acknowledge in all."),
      }),
    ])
    .prefault({})
    .describe("expected: a superseded primary must be seen to take writes, or the drill fails."),
  messages: z
    .strictObject({
      missed: z
        .int()
        .min(0)
        .optional()
        .describe("Most acknowledged messages that subscribers may miss, all of them together."),
      heardTwice: z
        .int()
        .min(0)
        .optional()
        .describe("Most messages that subscribers may hear more than once."),
      silentMs: limitMs.optional().describe("Longest time for which a subscriber may hear nothing."),
    })
    .optional()
    .describe("Of pubsub. Without it what is missed is measured, not limited."),
  jobs: z
    .strictObject({
      lost: z
        .int()
        .min(0)
        .optional()
        .describe("Most acknowledged jobs that may be gone without having been done, for whatever cause."),
      runTwice: z.int().min(0).optional().describe("Most jobs that may be done more than once."),
    })
    .optional()
    .describe("Of queue. Without it they are measured, not limited."),
  app: appExpectSchema.optional().describe("Of the application itself."),
});
const KNOWN = Object.keys(known.shape);

/** What is not known is expected of a probe of that name. */
const expect = withInput<z.input<typeof known>>()(known.catchall(z.unknown()));

/** What a scenario expects that says nothing about it. */
export const EXPECT_BY_DEFAULT = expectations(expect.parse({}));

const clientName = withInput<ClientName>()(
  z.string().refine((name) => libraryNames().includes(name), {
    error: ({ input }) => {
      const names = libraryNames();
      return `no client is named "${input}".${didYouMean(String(input), names)} There are: ${names.join(", ")}`;
    },
  }),
);

/** A scenario file. Everything that is not given has the default that stands here. */
export const scenarioSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, "must be lower-case letters, digits and hyphens"),
    description: z.string().min(1),
    plugins: z
      .array(z.string().min(1))
      .optional()
      .describe("Files that add faults, workloads, checkers or clients; paths are relative to the scenario."),
    topology: topologySpecSchema,
    client: clientName.default(DEFAULT_LIBRARY),
    durability: z
      .strictObject({
        waitReplicas: z
          .int()
          .min(0)
          .max(100)
          .default(0)
          .describe("Replicas that WAIT must confirm; 0: no WAIT."),
      })
      .prefault({}),
    app: appSchema.optional().describe("Your own application, which is started and asked by probes."),
    probes: z.array(probeSchema).default([]).describe("What the application is asked."),
    steps: z.array(step).min(1),
    expect: expect.prefault({}),
  })
  .superRefine(({ durability, topology, steps, expect, app, probes }, context) => {
    for (const [at, { action, value }] of steps.entries())
      for (const { path, message } of STEPS.get(action)?.misfits?.(value, topology.kind) ?? [])
        context.addIssue({ code: "custom", message, path: ["steps", at, action, ...path] });
    const fewest = topology.kind === "ha" ? topology.replicas : Math.min(...replicaCounts(topology));
    if (durability.waitReplicas > fewest) {
      const message = `WAIT can never confirm ${durability.waitReplicas} replicas where there are ${fewest}`;
      context.addIssue({ code: "custom", message, path: ["durability", "waitReplicas"] });
    }
    for (const { path, message } of unmeasurable({ topology, steps, expect }))
      context.addIssue({ code: "custom", message, path: [...path] });
    // Of what could not be read that was told already.
    const isRead = probes.every((probe) => probe?.asks !== undefined);
    const misfits = isRead ? [...misfitsOf(app, probes), ...unexpectable(expect, KNOWN, app, probes)] : [];
    for (const { path, message } of misfits) context.addIssue({ code: "custom", message, path: [...path] });
    for (const { path, message } of illFormed(expect))
      if (misfits.every((other) => other.path[1] !== path[1]))
        context.addIssue({ code: "custom", message, path: [...path] });
  })
  .transform(({ expect, probes, ...scenario }) => ({
    ...scenario,
    probes: settled(probes),
    expect: expectations(expect),
  }));

/** The parts of `expect` that are for probes, read. */
function ofProbes(expect: object) {
  const entries = Object.entries(expect).filter(([name]) => !KNOWN.includes(name));
  return entries.map(([name, given]) => ({ name, read: probeExpectSchema.safeParse(given) }));
}

function illFormed(expect: object) {
  return ofProbes(expect).flatMap(({ name, read }) =>
    (read.error?.issues ?? []).map(({ path, message }) => ({ path: ["expect", name, ...path], message })),
  );
}

/** As the checkers read it. */
function expectations({ app, ...given }: z.output<typeof known>) {
  const probes = ofProbes(given).flatMap(({ name, read }) =>
    read.data === undefined ? [] : [[name, probeExpectations(read.data)] as const],
  );
  // All of them by their list: one that was left out here would be expected of nobody.
  const ofServers = Object.fromEntries(Object.entries(given).filter(([name]) => KNOWN.includes(name)));
  return {
    ...(ofServers as Omit<z.output<typeof known>, "app">),
    ...(app && { app: appExpectations(app) }),
    ...(probes.length > 0 && { probes: Object.fromEntries(probes) }),
  };
}

type Parsed = z.infer<typeof scenarioSchema>;
/** A validated scenario; its topology tells where its directives came from, if from files. */
export type Scenario = Omit<Parsed, "topology"> & { readonly topology: TopologySpec };
type Input = z.input<typeof scenarioSchema>;
/** Names of probes are told by the probes alone, not by what is expected of them. */
type NoInference<Name> = [Name][Name extends unknown ? 0 : never];

/** A scenario as it is written, in YAML or TypeScript, with the names of its probes. */
export type ScenarioInput<Probe extends string = never> = Omit<Input, "probes" | "expect"> & {
  readonly probes?: readonly (Omit<ProbeInput, "name"> & { readonly name: Probe })[];
  readonly expect?: Input["expect"] & { readonly [Name in NoInference<Probe>]?: ProbeExpectInput };
};
