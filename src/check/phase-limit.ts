import type { LimitingSetting } from "../model/result.ts";

/** Who decides how long a step takes; `earliestAt` (ns) is when, with these settings, it could have come at best. */
export interface PhaseLimit extends Omit<LimitingSetting, "unavoidableMs"> {
  /** Absent: nobody can tell. */
  readonly earliestAt?: number;
}
