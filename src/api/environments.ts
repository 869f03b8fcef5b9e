import { attachDockerEnvironment, listDockerEnvironments } from "../driver/docker/index.ts";
import type { RunningTopology } from "../driver/driver.ts";
import {
  attachEnvironment as attachProcesses,
  listEnvironments as listProcesses,
} from "../driver/process/index.ts";
import { defaultStateDir } from "../driver/state-dir.ts";
import type { EnvironmentSummary } from "../driver/summary.ts";

/** What runs, whichever driver runs it. */
export interface Environments {
  /** Newest first. */
  readonly environments: readonly EnvironmentSummary[];
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
}

/** All environments that are there, of every driver. */
export async function listEnvironments(stateDir = defaultStateDir()): Promise<Environments> {
  const lists = await Promise.all([listProcesses({ stateDir }), listDockerEnvironments(stateDir)]);
  return {
    environments: lists
      .flatMap(({ environments }) => environments)
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
    unreadable: lists.flatMap(({ unreadable }) => unreadable),
  };
}

/**
 * Takes hold of an environment that another process has started, whichever driver runs it.
 *
 * @param id of the environment; absent: the newest that was started to stay.
 * @throws DrillError `NO_ENVIRONMENT`
 */
export async function attachEnvironment(id?: string, stateDir = defaultStateDir()): Promise<RunningTopology> {
  const { environments } = await listEnvironments(stateDir);
  const found = environments.find((one) => (id === undefined ? one.detached : one.id === id));
  const docker = found?.driver === "docker" ? attachDockerEnvironment(stateDir, found.id) : undefined;
  return docker ?? (await attachProcesses(found?.id ?? id, { stateDir }));
}
