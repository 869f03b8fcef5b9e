import { messageOf } from "../../model/errors.ts";
import { bootId, isSame } from "../identity.ts";
import { heldPorts, portHolder } from "../ports.ts";
import { clearEnvironment, livingNodes } from "./clear.ts";
import { removeLeftovers } from "./leftovers.ts";
import {
  createRecord,
  type EnvironmentRecord,
  type RecordEntry,
  readRecords,
  recordPath,
  type Unreadable,
} from "./state.ts";

export interface SweepReport {
  /** Environments that nobody was looking after any more, with the processes that were still there. */
  readonly cleared: readonly { readonly id: string; readonly killed: readonly number[] }[];
  /** State files that cannot be understood; they are left as they are. */
  readonly unreadable: readonly Unreadable[];
  /** Environments that could not be cleared, as when their processes are another user's. */
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * Clears what a tool that died has left: environments whose owner is gone (the guardian normally does that within
 * a second), detached ones none of whose processes is there any more (a reboot), ports held for nobody.
 */
export async function sweep(stateDir: string): Promise<SweepReport> {
  restoreLostRecords(stateDir);
  const { entries, unreadable } = readRecords(stateDir);
  const cleared: { id: string; killed: number[] }[] = [];
  const failed: { id: string; reason: string }[] = [];
  for (const entry of entries.filter(isAbandoned)) {
    const { id } = entry.record;
    try {
      const killed = await clearEnvironment(stateDir, entry);
      if (killed) cleared.push({ id, killed });
    } catch (error) {
      failed.push({ id, reason: messageOf(error) });
    }
  }
  removeLeftovers(stateDir);
  return { cleared, unreadable, failed };
}

/** Sweeps once in the life of this process. */
export function sweepOnce(stateDir: string): Promise<SweepReport> {
  const swept = sweeps.get(stateDir) ?? sweep(stateDir);
  sweeps.set(stateDir, swept);
  return swept;
}
const sweeps = new Map<string, Promise<SweepReport>>();

/** Nobody looks after it: neither its owner, nor, if it is being cleared, the process that began to. */
function isAbandoned({ record, clearedBy }: RecordEntry): boolean {
  if (clearedBy) return !isSame(clearedBy);
  if (isSame(record.owner)) return false;
  return record.phase !== "ready" || !record.detached || !hasLife(record);
}

/** A node stopped on purpose may be started again, as long as the machine has not been: that too is life. */
function hasLife(record: EnvironmentRecord): boolean {
  const stoppedOnPurpose = record.nodes.some((node) => !node.process);
  return (stoppedOnPurpose && record.boot === bootId()) || livingNodes(record).length > 0;
}

/**
 * A lock without a record means that somebody removed the record by hand. With the record made anew (by one process
 * only, should two find it at once) the lock is cleared away like any other.
 */
function restoreLostRecords(stateDir: string): void {
  const known = new Set<string>();
  const { entries, unreadable } = readRecords(stateDir);
  for (const { record } of entries) known.add(record.id);
  for (const port of heldPorts(stateDir)) {
    const holder = portHolder(stateDir, port);
    if (!holder || known.has(holder.id) || isSame(holder.owner)) continue;
    if (unreadable.some(({ path }) => path === recordPath(stateDir, holder.id))) continue;
    known.add(holder.id);
    const { id, owner } = holder;
    createRecord(stateDir, {
      phase: "held",
      id,
      driver: "process",
      owner,
      createdAt: new Date().toISOString(),
    });
  }
}
