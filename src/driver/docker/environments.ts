import type { NodeState } from "../driver.ts";
import { isSame } from "../identity.ts";
import type { EnvironmentSummary } from "../summary.ts";
import { docker } from "./docker-cli.ts";
import { DockerTopology } from "./docker-topology.ts";
import { LABEL, labelledEnvironments, removeLabelled } from "./labels.ts";
import { type DockerRecord, forgetEnvironment, rememberedEnvironments } from "./state.ts";

/** All environments of containers that were started with this state folder. Asks the engine only if there are any. */
export async function listDockerEnvironments(stateDir: string): Promise<{
  environments: EnvironmentSummary[];
  unreadable: readonly { readonly path: string; readonly reason: string }[];
}> {
  const { records, unreadable } = rememberedEnvironments(stateDir);
  const living = records.filter(({ detached, owner }) => detached || isSame(owner));
  return { environments: await Promise.all(living.map(summarise)), unreadable };
}

/** Takes hold of an environment that another process has started. */
export function attachDockerEnvironment(stateDir: string, id: string): DockerTopology | undefined {
  const record = rememberedEnvironments(stateDir).records.find((one) => one.id === id);
  return record && new DockerTopology({ ...record, capabilities: new Set(record.capabilities), stateDir });
}

/**
 * Removes what a tool that died has left on the engine, by its labels: environments whose owner, a process of this
 * machine, is gone, unless they were started to outlive it, and were up.
 *
 * @returns the ids of what was removed
 * @throws DrillError `NO_DOCKER`
 */
export async function sweepDocker(stateDir: string): Promise<string[]> {
  const { records } = rememberedEnvironments(stateDir);
  const isToStay = (id: string) => records.some((record) => record.id === id && record.detached);
  const orphans = (await labelledEnvironments()).filter(({ id, orphaned }) => orphaned && !isToStay(id));
  for (const { id } of orphans) {
    await removeLabelled(id);
    forgetEnvironment(stateDir, id);
  }
  for (const { id, detached, owner } of records)
    if (!detached && !isSame(owner)) forgetEnvironment(stateDir, id);
  return orphans.map(({ id }) => id);
}

async function summarise(record: DockerRecord): Promise<EnvironmentSummary> {
  const { id, plan, dir, createdAt, detached, valkey } = record;
  const states = await nodeStates(id);
  const nodes = plan.nodes.map(({ name }) => ({ name, state: states.get(name) ?? ("stopped" as const) }));
  return {
    id,
    driver: "docker",
    kind: plan.kind,
    dir,
    createdAt,
    detached,
    starting: false,
    valkey,
    plan,
    nodes,
  };
}

async function nodeStates(id: string): Promise<Map<string, NodeState>> {
  const format = `{{.Label "${LABEL.node}"}} {{.State}}`;
  const text = await docker(["ps", "-a", "--filter", `label=${LABEL.id}=${id}`, "--format", format]);
  return new Map(
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [name = "", state] = line.split(" ");
        return [name, state === "running" || state === "paused" ? state : "stopped"] as const;
      }),
  );
}
