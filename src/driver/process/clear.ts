import { rmSync } from "node:fs";
import { findByFolder, isSame, type ProcessIdentity, signal, untilGone } from "../identity.ts";
import { releasePorts } from "../ports.ts";
import { removeLeftovers } from "./leftovers.ts";
import { claimRecord, type EnvironmentRecord, planPath, readRecord } from "./state.ts";

/** How long the kernel may take to remove the killed processes of a whole environment. */
const KILL_DEADLINE_MS = 10_000;
/** A killed server may have forked just before, and is looked for again; it cannot go on for ever. */
const MAX_ROUNDS = 5;

/**
 * Ends an environment for good: kills its processes, gives back its ports, removes its record. Run folders stay.
 * The guardian does the same with a text of its own (`guardian-program.ts`): keep them alike.
 *
 * @returns the pids killed; undefined if another process is clearing it, or has.
 */
export async function clearEnvironment(
  stateDir: string,
  entry: { path: string; record: { id: string } },
): Promise<number[] | undefined> {
  const claim = claimRecord(stateDir, entry);
  if (claim === undefined) return undefined;
  const record = readRecord(claim);
  const killed = record.phase === "held" ? [] : await killProcesses(record);
  releasePorts(stateDir, record.id, record.phase === "held" ? undefined : record.ports);
  rmSync(planPath(stateDir, record.id), { force: true });
  rmSync(claim);
  removeLeftovers(stateDir);
  return killed;
}

/** The nodes of an environment that are there: those written down, and those started an instant before that. */
export function livingNodes(record: EnvironmentRecord): ProcessIdentity[] {
  const recorded = record.nodes.flatMap((node) => node.process ?? []).filter(isSame);
  const folders = new Set(record.nodes.map((node) => node.dir));
  const strays = findByFolder(record.server.executable, folders);
  return [...recorded, ...strays.filter(({ pid }) => !recorded.some((known) => known.pid === pid))];
}

/** All of its processes: a fabric that is not written down yet ends by itself. */
function livingProcesses(record: EnvironmentRecord): ProcessIdentity[] {
  const fabric = record.fabric?.process;
  const helpers = record.nodes.flatMap((node) => Object.values(node.helpers ?? {}));
  return [...livingNodes(record), ...[...helpers, ...(fabric ? [fabric] : [])].filter(isSame)];
}

async function killProcesses(record: EnvironmentRecord): Promise<number[]> {
  const killed = new Set<number>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const living = livingProcesses(record);
    if (living.length === 0) break;
    for (const identity of living) {
      if (signal(identity, "SIGKILL", "process")) killed.add(identity.pid);
    }
    await untilGone(living, KILL_DEADLINE_MS);
  }
  return [...killed];
}
