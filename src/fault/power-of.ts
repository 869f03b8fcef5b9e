import type { RunningTopology } from "../driver/driver.ts";
import { DrillError } from "../model/errors.ts";

type Powers = Pick<RunningTopology, "inDataFolder">;

/** A power of the driver. The fault's `needs` have made sure of it, unless they lack it. @throws DrillError `LACKS_CAPABILITY` */
export function powerOf<K extends keyof Powers>(topology: RunningTopology, name: K): NonNullable<Powers[K]> {
  const power = topology[name];
  if (power) return power.bind(topology) as NonNullable<Powers[K]>;
  throw new DrillError("LACKS_CAPABILITY", `the driver of this environment has no ${name}`);
}
