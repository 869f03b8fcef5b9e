import type { Governor } from "../model/result.ts";

/** Who decides how long a step takes; `earliestAt` (ns) is when, with these settings, it could have come at best. */
export interface Governed extends Omit<Governor, "unavoidableMs"> {
  /** Absent: nobody can tell. */
  readonly earliestAt?: number;
}
