import { kill } from "./kill.ts";
import { pause } from "./pause.ts";
import type { BakeoffScenario } from "./scenario.ts";

/** What can be done to the servers in a bake-off; without a name, the first two are. */
export const SCENARIOS: readonly BakeoffScenario[] = [kill, pause];
