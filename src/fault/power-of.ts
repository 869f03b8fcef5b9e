import type { Powers, RunningTopology } from "../driver/driver.ts";
import { DrillError } from "../model/errors.ts";

/** A power of the driver. The fault's `needs` have made sure of it, unless they lack it. @throws DrillError `LACKS_CAPABILITY` */
export function powerOf<K extends keyof Powers>(
  { powers }: Pick<RunningTopology, "powers">,
  name: K,
): NonNullable<Powers[K]> {
  const power = powers[name];
  if (power) return power;
  throw new DrillError("LACKS_CAPABILITY", `the driver of this environment has no ${name}`);
}
