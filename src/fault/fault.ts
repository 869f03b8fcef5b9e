import type { Capability, RunningTopology } from "../driver/driver.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";

/** What a fault may use. */
export interface FaultContext {
  readonly topology: RunningTopology;
  readonly admins: AdminPool;
}

/** One kind of fault. A new one is a file of its own and a line in the registry; `kill.ts` is the template. */
export interface Fault {
  readonly kind: string;
  /** One line for `valkey-drill list` and the help. */
  readonly summary: string;
  /** What the driver must be able to do; a scenario on a driver that lacks it is refused. */
  readonly needs: readonly Capability[];
  /** Puts the fault in force on each target. Resolves once it is in force. */
  inject(context: FaultContext, targets: readonly string[]): Promise<void>;
  /** Undoes it. Idempotent: healing what is not, or no longer, hurt does nothing. */
  heal(context: FaultContext, targets: readonly string[]): Promise<void>;
}
