import { certificate } from "./certificate.ts";
import { clusterdown } from "./clusterdown.ts";
import { cut } from "./cut.ts";
import { dns } from "./dns.ts";
import { failover } from "./failover.ts";
import { kill } from "./kill.ts";
import { moveSlots } from "./move-slots.ts";
import { newAddress } from "./new-address.ts";
import { oneSentinel } from "./one-sentinel.ts";
import { password } from "./password.ts";
import { pause } from "./pause.ts";
import { rollingRestart } from "./rolling-restart.ts";
import { rotation } from "./rotation.ts";
import type { BakeoffScenario } from "./scenario.ts";
import { shutdown } from "./shutdown.ts";

/** What can be done to the servers in a bake-off; without a name, the first two are. */
export const SCENARIOS: readonly BakeoffScenario[] = [
  kill,
  pause,
  cut,
  failover,
  shutdown,
  rollingRestart,
  oneSentinel,
  moveSlots,
  clusterdown,
  password,
  rotation,
  certificate,
  newAddress,
  dns,
];
