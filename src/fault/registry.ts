import { didYouMean } from "../base/nearest.ts";
import { DrillError } from "../model/errors.ts";
import { bandwidth } from "./bandwidth.ts";
import { certificate } from "./certificate.ts";
import { clientKill } from "./client-kill.ts";
import { config } from "./config.ts";
import { connectionFlood } from "./connection-flood.ts";
import { corrupt } from "./corrupt.ts";
import { cpu } from "./cpu.ts";
import { credentials } from "./credentials.ts";
import { cut } from "./cut.ts";
import { delay } from "./delay.ts";
import { detach } from "./detach.ts";
import { disconnect } from "./disconnect.ts";
import { diskFull } from "./disk-full.ts";
import { drip } from "./drip.ts";
import { dropBusMessages } from "./drop-bus-messages.ts";
import { failover } from "./failover.ts";
import type { Fault } from "./fault.ts";
import { flush } from "./flush.ts";
import { halfOpen } from "./half-open.ts";
import { holdSlot } from "./hold-slot.ts";
import { kill } from "./kill.ts";
import { memory } from "./memory.ts";
import { moveSlotsFault } from "./move-slots.ts";
import { pause } from "./pause.ts";
import { readdress } from "./readdress.ts";
import { reset } from "./reset.ts";
import { addShard, removeShard } from "./resharding.ts";
import { restart } from "./restart.ts";
import { rollingRestart } from "./rolling-restart.ts";
import { rollingUpgrade } from "./rolling-upgrade.ts";
import { sentinelCrash } from "./sentinel-crash.ts";
import { slow } from "./slow.ts";
import { slowDisk } from "./slow-disk.ts";
import { stop } from "./stop.ts";
import { tamper } from "./tamper.ts";
import { time } from "./time.ts";

const ALL = [
  kill,
  stop,
  restart,
  pause,
  slow,
  cpu,
  time,
  disconnect,
  clientKill,
  connectionFlood,
  memory,
  config,
  credentials,
  certificate,
  flush,
  corrupt,
  tamper,
  diskFull,
  slowDisk,
  failover,
  detach,
  rollingRestart,
  rollingUpgrade,
  readdress,
  moveSlotsFault,
  addShard,
  removeShard,
  holdSlot,
  dropBusMessages,
  sentinelCrash,
  cut,
  reset,
  halfOpen,
  delay,
  bandwidth,
  drip,
] as const;

/** One of the faults that are built in, with the types of its name and its options. */
export type BuiltInFault = (typeof ALL)[number];

const faults = new Map<string, Fault>(ALL.map((fault) => [fault.kind, fault as Fault]));

/** All faults, by kind. The options of each are read by its own schema, so here they are unknown. */
export const FAULTS: ReadonlyMap<string, Fault> = faults;

/** Adds a fault of a plugin, whose name the caller has found to be free. */
export function addFault(fault: Fault): void {
  faults.set(fault.kind, fault);
}

/** @throws DrillError `BAD_USAGE`, with the kinds that there are */
export function faultNamed(kind: string): Fault {
  const fault = FAULTS.get(kind);
  if (fault) return fault;
  const kinds = [...FAULTS.keys()];
  throw new DrillError("BAD_USAGE", `no fault is named "${kind}".${didYouMean(kind, [...kinds, "heal"])}`, {
    hint: `Faults: ${kinds.join(", ")}; "heal" undoes them.`,
  });
}
