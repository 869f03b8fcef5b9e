export { defaultStateDir } from "../state-dir.ts";
export {
  attachEnvironment,
  type EnvironmentOptions,
  listEnvironments,
} from "./environments.ts";
export { type ProcessDriverOptions, processDriver } from "./process-driver.ts";
export type { Unreadable } from "./state.ts";
export { type SweepReport, sweep } from "./sweep.ts";
