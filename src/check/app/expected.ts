import type { ProbeExpectations } from "../../model/app.ts";
import type { Facts } from "../facts.ts";

/** What the scenario expects of a probe; empty: nothing. */
export function expectedOf(facts: Facts, probe: string): ProbeExpectations {
  return facts.header.expect.probes?.[probe] ?? {};
}

/** Names of the probes of which the scenario limits that. */
export function limited(facts: Facts, limit: keyof ProbeExpectations): string[] {
  return Object.entries(facts.header.expect.probes ?? {})
    .filter(([, expected]) => expected[limit] !== undefined)
    .map(([name]) => name);
}
