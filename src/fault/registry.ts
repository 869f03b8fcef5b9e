import { disconnect } from "./disconnect.ts";
import type { Fault } from "./fault.ts";
import { flush } from "./flush.ts";
import { kill } from "./kill.ts";
import { pause } from "./pause.ts";

/** All faults, by kind. */
export const FAULTS: ReadonlyMap<string, Fault> = new Map(
  [kill, pause, disconnect, flush].map((fault) => [fault.kind, fault]),
);
