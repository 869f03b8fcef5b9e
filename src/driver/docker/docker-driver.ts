import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import type { Endpoint, Plan } from "../../model/plan.ts";
import type { Driver, EndpointRequest, HeldEndpoints, StartOptions } from "../driver.ts";
import { ownIdentity } from "../identity.ts";
import { holdPorts, releasePorts } from "../ports.ts";
import { sweep as sweepPorts } from "../process/index.ts";
import { defaultStateDir, openStateDir } from "../state-dir.ts";
import { FIRST_ADDRESS } from "./compose-parts.ts";
import { docker } from "./docker-cli.ts";
import { DockerTopology, projectName } from "./docker-topology.ts";
import type { Engine } from "./engine.ts";
import { sweepDocker } from "./environments.ts";
import { ownLabels } from "./labels.ts";
import { dockerCapabilities } from "./powers.ts";
import { writeComposeProject } from "./run-files.ts";
import { rememberEnvironment } from "./state.ts";
import { freeSubnet } from "./subnet.ts";

/*
 *   holdEndpoints ─▶ sweep ─▶ port locks, a free subnet
 *        │
 *      start ─▶ Compose file + what the run adds ─▶ docker compose create ─▶ docker start, wave by wave
 *                                                        │
 *                      all labelled with the run ────────┴──▶ close: removed by label; should this process die first,
 *                                                             by the next start or `down`
 *
 *   client ──127.0.0.1:20001──▶ container of node-1, which the others know as 10.213.77.11:20001
 */

export interface DockerDriverOptions {
  /** Where it is written down what runs. Default: see `defaultStateDir`. */
  readonly stateDir?: string;
}

/**
 * Nodes in containers, from the project's Compose files. Ports are the same inside and outside of a container. The first
 * use in a process clears what earlier, dead ones have left on the engine.
 */
export function dockerDriver(engine: Engine, options: DockerDriverOptions = {}): Driver {
  const stateDir = options.stateDir ?? defaultStateDir();
  let swept: Promise<unknown> | undefined;
  return {
    name: "docker",
    capabilities: dockerCapabilities(engine),
    lacks: (capability) =>
      capability === "limit-disk" ? `the image ${engine.image} has no prlimit (util-linux)` : undefined,
    async holdEndpoints(request) {
      openStateDir(stateDir);
      swept ??= Promise.all([sweepDocker(stateDir), sweepPorts(stateDir)]);
      await swept;
      return await HeldPlaces.hold(stateDir, engine, request);
    },
    async start(plan, held, startOptions) {
      if (!(held instanceof HeldPlaces)) throw new TypeError("the endpoints are held by another driver");
      return await start(plan, held, startOptions);
    },
  };
}

/** Ports held by locks in the state folder, and addresses in a subnet. */
class HeldPlaces implements HeldEndpoints {
  readonly id: string;
  readonly stateDir: string;
  readonly engine: Engine;
  readonly subnet: string;
  readonly endpoints: readonly Endpoint[];
  #own = true;

  static async hold(stateDir: string, engine: Engine, request: EndpointRequest): Promise<HeldPlaces> {
    const { count, firstPort } = request;
    const id = randomBytes(4).toString("hex");
    const ports = await holdPorts(stateDir, { id, count, firstPort });
    try {
      return new HeldPlaces(stateDir, engine, id, await freeSubnet(), ports, request.withBus);
    } catch (error) {
      releasePorts(stateDir, id, ports);
      throw error;
    }
  }

  private constructor(
    stateDir: string,
    engine: Engine,
    id: string,
    subnet: string,
    ports: readonly number[],
    withBus: boolean,
  ) {
    this.stateDir = stateDir;
    this.engine = engine;
    this.id = id;
    this.subnet = subnet;
    this.endpoints = ports.map((port, index) => ({
      host: engine.address,
      port,
      ...(withBus && { busPort: busPortOf(port) }),
      announced: { host: `${subnet}.${FIRST_ADDRESS + index}`, port },
    }));
  }

  async release(): Promise<void> {
    if (!this.#own) return;
    this.#own = false;
    releasePorts(this.stateDir, this.id);
  }

  /** An environment takes them over; it will give them back. */
  takeOver(): void {
    if (!this.#own) throw new Error("these endpoints have been released or used already");
    this.#own = false;
  }
}

/** The cluster bus stays inside the containers' network; the server's own rule, where it yields a port at all. */
function busPortOf(port: number): number {
  return port + 10_000 <= 65_535 ? port + 10_000 : port - 10_000;
}

async function start(plan: Plan, held: HeldPlaces, options: StartOptions): Promise<DockerTopology> {
  const { id, engine, stateDir, subnet } = held;
  const { detached, signal, onProgress } = options;
  const dir = resolve(options.dir);
  held.takeOver();
  const capabilities = dockerCapabilities(engine);
  const topology = new DockerTopology({ id, plan, dir, detached, capabilities, stateDir });
  try {
    const labels = ownLabels(id, detached);
    const project = await writeComposeProject(plan, dir, { name: projectName(id), labels, subnet, engine });
    signal?.throwIfAborted();
    onProgress?.(`making ${plan.nodes.length} containers`);
    const names = plan.nodes.map(({ name }) => name);
    await docker([...project.args, "create", "--pull", "never", ...names], { env: project.env, signal });
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
      plan: { ...plan, nodes: plan.nodes.map((node) => ({ ...node, files: {} })) },
    });
    return topology;
  } catch (error) {
    await topology.close();
    throw error;
  }
}
