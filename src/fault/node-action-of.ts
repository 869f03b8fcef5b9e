import type { NodeActions, RunningTopology } from "../driver/driver.ts";
import { DrillError } from "../model/errors.ts";

/** An action that the driver offers. The fault's `needs` have made sure of it, unless they lack it. @throws DrillError `LACKS_CAPABILITY` */
export function nodeActionOf<K extends keyof NodeActions>(
  { nodeActions }: Pick<RunningTopology, "nodeActions">,
  name: K,
): NonNullable<NodeActions[K]> {
  const action = nodeActions[name];
  if (action) return action;
  throw new DrillError("LACKS_CAPABILITY", `the driver of this environment has no ${name}`);
}
