import type { TopologyKind } from "../model/plan.ts";
import { type ConfigFlags, withConfigFiles } from "../scenario/config-files.ts";
import { type TopologySpec, topologySpecSchema } from "../topology/spec.ts";
import type { BakeoffScenario } from "./scenarios/scenario.ts";

/** The topology that a scenario of the bake-off runs on, with configuration files. @throws DrillError `BAD_CONFIG` */
export async function cellSpec(
  scenario: BakeoffScenario,
  kind: TopologyKind,
  flags: ConfigFlags = {},
): Promise<TopologySpec> {
  return withConfigFiles(topologySpecSchema.parse({ kind, ...scenario.spec?.[kind] }), process.cwd(), flags);
}
