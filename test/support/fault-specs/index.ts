import { CLIENT_SPECS } from "./clients.ts";
import { DATA_SPECS } from "./data.ts";
import { LINK_SPECS } from "./links.ts";
import { MACHINE_SPECS } from "./machine.ts";
import { PROCESS_SPECS } from "./process.ts";
import { SECURITY_SPECS } from "./security.ts";
import { SENTINEL_SPECS } from "./sentinels.ts";
import type { FaultSpec } from "./servers.ts";
import { SETTING_SPECS } from "./settings.ts";

/** What the suite plays with every fault that there is. */
export const FAULT_SPECS: readonly FaultSpec[] = [
  ...SENTINEL_SPECS, // first: faults of the machine put a Sentinel into TILT, in which it leads nothing for 30 s
  ...PROCESS_SPECS,
  ...CLIENT_SPECS,
  ...SETTING_SPECS,
  ...DATA_SPECS,
  ...LINK_SPECS,
  ...MACHINE_SPECS,
  ...SECURITY_SPECS,
];
