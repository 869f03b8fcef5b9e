import { DrillError, messageOf } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import type { RunningTopology } from "../driver.ts";
import { runState } from "../identity.ts";
import { defaultStateDir } from "../state-dir.ts";
import type { EnvironmentSummary } from "../summary.ts";
import { ProcessTopology } from "./process-topology.ts";
import { type EnvironmentRecord, planPath, readPlan, readRecords, type Unreadable } from "./state.ts";
import { StateFile } from "./state-file.ts";
import { sweep } from "./sweep.ts";

export interface EnvironmentOptions {
  /** Default: see `defaultStateDir`. */
  readonly stateDir?: string;
}

/** All environments that are there, newest first. Those that are dead are cleared away first. */
export async function listEnvironments(
  options: EnvironmentOptions = {},
): Promise<{ environments: EnvironmentSummary[]; unreadable: readonly Unreadable[] }> {
  const stateDir = options.stateDir ?? defaultStateDir();
  const { records, unreadable } = await livingRecords(stateDir);
  const environments: EnvironmentSummary[] = [];
  const withoutPlan: Unreadable[] = [];
  for (const record of records) {
    try {
      environments.push(summarise(record, readPlan(stateDir, record.id)));
    } catch (error) {
      withoutPlan.push({ path: planPath(stateDir, record.id), reason: messageOf(error) });
    }
  }
  return { environments, unreadable: [...unreadable, ...withoutPlan] };
}

/**
 * Takes hold of an environment that another process has started. Its nodes can be killed, started again, and all
 * of it closed, as if it were one's own; ending this process does nothing to it.
 *
 * @param id of the environment; absent: the newest that was started to stay.
 * @throws DrillError `NO_ENVIRONMENT`
 */
export async function attachEnvironment(
  id: string | undefined,
  options: EnvironmentOptions = {},
): Promise<RunningTopology> {
  const stateDir = options.stateDir ?? defaultStateDir();
  const { records } = await livingRecords(stateDir);
  const found = records.find((record) => (id === undefined ? record.detached : record.id === id));
  if (found)
    return new ProcessTopology(stateDir, new StateFile(stateDir, found), readPlan(stateDir, found.id));
  const ids = records.map((record) => record.id).join(", ");
  throw new DrillError(
    "NO_ENVIRONMENT",
    `no environment ${id === undefined ? "is running" : `with the id ${id}`}${ids ? `; there are: ${ids}` : ""}`,
    {
      hint: "`valkey-drill up ha` or `valkey-drill up cluster` starts one, `valkey-drill status` lists them",
    },
  );
}

async function livingRecords(stateDir: string) {
  const { unreadable } = await sweep(stateDir);
  const records = readRecords(stateDir)
    .entries.filter((entry) => !entry.clearedBy)
    .map(({ record }) => record)
    .filter((record) => record.phase !== "held")
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return { records, unreadable };
}

function summarise(record: EnvironmentRecord, plan: Plan): EnvironmentSummary {
  const { id, dir, createdAt, detached, phase, server } = record;
  const nodes = record.nodes.map(({ name, process }) => {
    const state = process ? runState(process) : "gone";
    return state === "gone" ? { name, state: "stopped" as const } : { name, state, pid: process?.pid };
  });
  const valkey = server.version;
  return {
    id,
    driver: "process",
    kind: plan.kind,
    dir,
    createdAt,
    detached,
    starting: phase === "starting",
    valkey,
    plan,
    nodes,
  };
}
