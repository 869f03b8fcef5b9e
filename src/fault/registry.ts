import { clientKill } from "./client-kill.ts";
import { config } from "./config.ts";
import { connectionFlood } from "./connection-flood.ts";
import { corrupt } from "./corrupt.ts";
import { disconnect } from "./disconnect.ts";
import type { Fault } from "./fault.ts";
import { flush } from "./flush.ts";
import { kill } from "./kill.ts";
import { memory } from "./memory.ts";
import { pause } from "./pause.ts";
import { restart } from "./restart.ts";
import { slow } from "./slow.ts";
import { stop } from "./stop.ts";

/** All faults, by kind. The options of each are read by its own schema, so here they are unknown. */
export const FAULTS: ReadonlyMap<string, Fault> = new Map(
  [
    kill,
    stop,
    restart,
    pause,
    slow,
    disconnect,
    clientKill,
    connectionFlood,
    memory,
    config,
    flush,
    corrupt,
  ].map((fault) => [fault.kind, fault as Fault]),
);
