import { stringify } from "yaml";
import { writtenApp, writtenExpectations, writtenProbe } from "./app/written.ts";
import { withoutOrigin } from "./config-files.ts";
import type { Scenario, Step } from "./schema.ts";
import { withoutPasswords } from "./security/written-auth.ts";
import { STEPS } from "./steps/registry.ts";

/**
 * A scenario as YAML, every default written out, behind lines of comment. Can be run as it is. Passwords do not
 * stand in it: see
 * `withoutPasswords`.
 */
export function writtenScenario(scenario: Scenario, comments: readonly string[]): string {
  const head = comments.flatMap((text) => text.split("\n")).map((line) => `# ${line}\n`);
  const topology = withoutPasswords(scenario.topology);
  return `${head.join("")}${stringify(asInput({ ...scenario, topology }))}`;
}

/** A scenario that was read, in the form in which scenarios are written, every default filled in. */
export function asInput(scenario: Scenario): unknown {
  // What was read from files stands in the scenario now: it can be run where they are not.
  const { app, probes, expect, steps, topology, ...rest } = scenario;
  return {
    ...rest,
    topology: withoutOrigin(topology),
    ...writtenUse({ app, probes }),
    steps: writtenSteps(steps),
    expect: writtenExpect(expect),
  };
}

/** An application and its probes, in the form in which they are written; nothing where there is none. */
export function writtenUse({ app, probes = [] }: Partial<Pick<Scenario, "app" | "probes">>): object {
  return {
    ...(app && { app: writtenApp(app) }),
    ...(probes.length > 0 && { probes: probes.map(writtenProbe) }),
  };
}

/** What is expected, in the form in which it is written. */
export function writtenExpect({ app, probes, ...ofServers }: Scenario["expect"]): object {
  return { ...ofServers, ...writtenExpectations(app, probes) };
}

/** Steps that were read, in the form in which they are written. */
export function writtenSteps(steps: readonly Step[]): unknown[] {
  return steps.map(({ action, value }) => ({ [action]: STEPS.get(action)?.written?.(value) ?? value }));
}
