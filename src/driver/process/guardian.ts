import { type GuardianShell, startGuardianShell } from "../guardian-shell.ts";
import { GUARDIAN_PROGRAM } from "./guardian-program.ts";

/** Looks after an environment in case this process dies without a chance to clear up (SIGKILL, a crash). */
export type Guardian = Pick<GuardianShell, "identity" | "dismiss">;

/**
 * Starts the guardian of one environment. Where it could not be started, the next start's sweep is all there is. It is
 * dismissed when the environment is closed, or is to outlive this process.
 */
export function startGuardian(stateDir: string, id: string): Guardian {
  return startGuardianShell(GUARDIAN_PROGRAM, [stateDir, id]);
}
