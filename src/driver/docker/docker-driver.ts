import { resolve } from "node:path";
import type { Plan } from "../../model/plan.ts";
import { refusalBy } from "../config-refusal.ts";
import type { Driver, StartOptions } from "../driver.ts";
import { needsFabric } from "../fabric/plan.ts";
import { ownIdentity } from "../identity.ts";
import { sweep as sweepPorts } from "../process/index.ts";
import { defaultStateDir, openStateDir } from "../state-dir.ts";
import { dockerCapabilities } from "./capabilities.ts";
import { docker } from "./docker-cli.ts";
import { DockerTopology, fabricName, networkName, projectName } from "./docker-topology.ts";
import type { Engine } from "./engine.ts";
import { sweepDocker } from "./environments.ts";
import { startFabricContainer } from "./fabric-container.ts";
import { ownLabels } from "./labels.ts";
import { HeldPlaces } from "./places.ts";
import { rehearseContainer } from "./rehearse.ts";
import { writeComposeProject } from "./run-files.ts";
import { putSecretFiles } from "./secret-files.ts";
import { rememberEnvironment } from "./state.ts";

/*
 *   holdEndpoints ─▶ sweep ─▶ port locks, a free subnet
 *        │
 *      start ─▶ Compose file + what the run adds ─▶ docker compose create ─▶ fabric, if ─▶ docker start, wave by wave
 *                                                        │
 *                      all labelled with the run ────────┴──▶ close: removed by label; should this process die first,
 *                                                             by the next start or `down`
 *
 *   Where they are, and how they reach each other: places.ts.
 */

export interface DockerDriverOptions {
  /** Where it is written down what runs. Default: see `defaultStateDir`. */
  readonly stateDir?: string;
  /** The program of the fabric, where Node cannot run the one beside this module (TypeScript sources on Node 20). */
  readonly fabricProgram?: string;
}

/**
 * Nodes in containers, from the project's Compose files. Ports are the same inside and outside of a container. The
 * first use in a process clears what earlier, dead ones have left on the engine.
 */
export function dockerDriver(engine: Engine, options: DockerDriverOptions = {}): Driver {
  const stateDir = options.stateDir ?? defaultStateDir();
  let swept: Promise<unknown> | undefined;
  return {
    name: "docker",
    valkeyVersion: engine.version,
    ...dockerCapabilities(engine),
    refusalOf: (program, lines) =>
      refusalBy((rehearsal) => rehearseContainer(engine, rehearsal), program, lines),
    async holdEndpoints(request) {
      openStateDir(stateDir);
      swept ??= Promise.all([sweepDocker(stateDir), sweepPorts(stateDir)]);
      await swept;
      return await HeldPlaces.hold(stateDir, engine, request);
    },
    rehearse: (rehearsal) => rehearseContainer(engine, rehearsal),
    async start(plan, held, startOptions) {
      if (!(held instanceof HeldPlaces)) throw new TypeError("the endpoints are held by another driver");
      return await start(plan, held, {
        ...startOptions,
        fabricProgram: needsFabric(plan) ? options.fabricProgram : undefined,
      });
    },
  };
}

async function start(
  plan: Plan,
  held: HeldPlaces,
  options: StartOptions & Pick<DockerDriverOptions, "fabricProgram">,
): Promise<DockerTopology> {
  const { id, engine, stateDir, subnet, control } = held;
  const { detached, signal, onProgress, fabricProgram: program } = options;
  const dir = resolve(options.dir);
  held.takeOver();
  const capabilities = new Set(dockerCapabilities(engine).capabilities);
  if (!control) capabilities.delete("cut-links");
  const labels = ownLabels(id, detached);
  const name = projectName(id);
  const create = async () => {
    const project = await writeComposeProject(plan, dir, { name, labels, subnet, engine });
    signal?.throwIfAborted();
    const names = plan.nodes.map((node) => node.name);
    await docker([...project.args, "create", "--pull", "never", ...names], { env: project.env, signal });
    await Promise.all(plan.nodes.map((node) => putSecretFiles(node, `${name}-${node.name}-1`, id, signal)));
  };
  const topology = new DockerTopology({ id, plan, dir, detached, capabilities, control, stateDir, create });
  try {
    onProgress?.(`making ${plan.nodes.length} containers`);
    await create();
    if (control) {
      const own = { name: fabricName(id), network: networkName(id), labels };
      await startFabricContainer({ ...own, plan, held, dir, program, signal });
    }
    await topology.startAll(options);
    rememberEnvironment(stateDir, {
      id,
      createdAt: new Date().toISOString(),
      owner: ownIdentity(),
      detached,
      dir,
      valkey: engine.version,
      image: engine.image,
      capabilities: [...capabilities],
      control,
      plan: { ...plan, nodes: plan.nodes.map((node) => ({ ...node, files: {} })) },
    });
    return topology;
  } catch (error) {
    await topology.close();
    throw error;
  }
}
