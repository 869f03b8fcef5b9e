import type { ScenarioInput } from "./schema.ts";

/** For a scenario written in TypeScript: gives it its type, and returns it as it is. It is validated when it is loaded. */
export function defineScenario(scenario: ScenarioInput): ScenarioInput {
  return scenario;
}
