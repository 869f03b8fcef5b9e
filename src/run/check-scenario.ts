import { checkEnv } from "../app/env/env.ts";
import { seededRandom } from "../base/random.ts";
import type { Driver } from "../driver/driver.ts";
import { checkShowsCertificate, clientFor } from "../libraries/registry.ts";
import { DrillError } from "../model/errors.ts";
import type { Scenario } from "../scenario/schema.ts";
import { STEPS } from "../scenario/steps/registry.ts";
import { checkServers } from "../session/servers.ts";
import { endpointsNeeded, makePlan } from "../topology/registry.ts";
import { sketched } from "../topology/security.ts";

/**
 * Refuses what could not work: an unknown selector, a fault that the driver cannot do, a workload on the wrong
 * topology, a client library that is not installed. Starts nothing.
 *
 * @throws DrillError `BAD_SCENARIO`, `BAD_USAGE`, `LACKS_CAPABILITY`, `MISSING_PACKAGE`
 */
export function checkScenario(scenario: Scenario, driver: Driver): void {
  const { count } = endpointsNeeded(scenario.topology);
  const places = Array.from({ length: count }, (_, index) => ({
    host: "127.0.0.1",
    port: index + 1,
    busPort: index + 1,
  }));
  const plan = sketched(makePlan(scenario.topology, places, seededRandom(0)), scenario.topology);
  checkServers(scenario.topology, plan, driver);
  const library = clientFor(scenario.client, plan.kind);
  checkApp(scenario);
  const { tls } = scenario.topology;
  if (typeof tls === "object" && tls.clientAuth === "required") checkShowsCertificate(library);
  scenario.steps.forEach(({ action, value }, index) => {
    try {
      STEPS.get(action)?.check?.(value, { plan, driver, client: library });
    } catch (error) {
      if (!(error instanceof DrillError)) throw error;
      throw new DrillError(error.code, `${scenario.name}, step ${index + 1} (${action}): ${error.message}`, {
        hint: error.hint,
        cause: error,
      });
    }
  });
}

/** What of an application could not work. @throws DrillError `BAD_USAGE` */
function checkApp({ app, topology }: Scenario): void {
  if (app === undefined) return;
  const { presets, set } = app.env;
  checkEnv(topology.kind, { presets, set }, ["port", "instance"]);
}
