import { disconnect } from "./disconnect.ts";
import type { Fault } from "./fault.ts";
import { flush } from "./flush.ts";
import { kill } from "./kill.ts";
import { pause } from "./pause.ts";

/** All faults, by kind. The options of each are read by its own schema, so here they are unknown. */
export const FAULTS: ReadonlyMap<string, Fault> = new Map(
  [kill, pause, disconnect, flush].map((fault) => [fault.kind, fault as Fault]),
);
