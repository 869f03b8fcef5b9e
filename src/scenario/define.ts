import type { ScenarioInput } from "./schema.ts";

/**
 * For a scenario written in TypeScript or JavaScript: the compiler checks it to the last option, by the schemas that
 * validate it when it is loaded or run. Returns it as it is.
 */
export function defineScenario<const Probe extends string = never>(
  scenario: ScenarioInput<Probe>,
): ScenarioInput<Probe> {
  return scenario;
}
