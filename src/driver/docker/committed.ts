import { seededRandom } from "../../base/random.ts";
import type { TopologyKind } from "../../model/plan.ts";
import { endpointsNeeded, makePlan } from "../../topology/registry.ts";
import { topologySpecSchema } from "../../topology/spec.ts";
import { composeFile, composeFileName } from "./compose.ts";
import { configFiles } from "./config-files.ts";

const KINDS: readonly TopologyKind[] = ["ha", "cluster"];

/** The files for `docker compose` alone that stand in the project, by path: those of the default counts of nodes. */
export function committedFiles(): Record<string, string> {
  const all = KINDS.map((kind) => {
    const spec = topologySpecSchema.parse({ kind });
    const places = Array.from({ length: endpointsNeeded(spec).count }, (_, index) => ({
      host: "127.0.0.1",
      port: 1 + index,
      busPort: 1 + index,
    }));
    const plan = makePlan(spec, places, seededRandom(0));
    return { [composeFileName(kind)]: composeFile(plan), ...configFiles(kind) };
  });
  return Object.assign({}, ...all);
}
