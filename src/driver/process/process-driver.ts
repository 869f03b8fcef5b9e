import { randomBytes } from "node:crypto";
import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { DrillError, messageOf } from "../../model/errors.ts";
import type { Endpoint, FabricEnd, Plan } from "../../model/plan.ts";
import type { ValkeyServer } from "../../valkey/server.ts";
import type { Driver, EndpointRequest, HeldEndpoints, StartOptions } from "../driver.ts";
import { needsFabric } from "../fabric/plan.ts";
import { bootId, ownIdentity } from "../identity.ts";
import { holdPorts } from "../ports.ts";
import { defaultStateDir, openStateDir } from "../state-dir.ts";
import { processCapabilities } from "./capabilities/index.ts";
import { clearEnvironment } from "./clear.ts";
import { checkAliases, fabricHosts, hostsOf, spareHost, tellsClients } from "./fabric/addresses.ts";
import { startGuardian } from "./guardian.ts";
import { ProcessTopology } from "./process-topology.ts";
import { rehearseServer } from "./rehearse.ts";
import { type EnvironmentRecord, type HeldRecord, recordPath, writePlan, writeRecord } from "./state.ts";
import { StateFile } from "./state-file.ts";
import { sweep, sweepOnce } from "./sweep.ts";
import { refusalOf } from "./try-config.ts";

/*
 *   holdEndpoints ─▶ record "held" ─▶ port locks          clear  ◀── close, or, should this process die first,
 *        │                                                  ▲         the guardian, or, should it die as well,
 *      start ─▶ record "starting" ─▶ guardian ─▶ nodes ─▶ "ready"     the sweep of the next start
 */

export interface ProcessDriverOptions {
  /** Where it is written down what runs. Default: see `defaultStateDir`. */
  readonly stateDir?: string;
  /**
   * The program of the fabric, where this Node cannot run the one beside this module (TypeScript sources on Node 20).
   */
  readonly fabricProgram?: string;
}

/**
 * Real server processes on 127.0.0.1. The first use in a process clears what earlier, dead ones have left.
 *
 * @throws DrillError `STATE_UNWRITABLE` from its methods, besides what `Driver` says
 */
export function processDriver(server: ValkeyServer, options: ProcessDriverOptions = {}): Driver {
  const stateDir = options.stateDir ?? defaultStateDir();
  return {
    name: "process",
    ...(server.flavour === "valkey" && { valkeyVersion: server.version }),
    ...processCapabilities(),
    refusalOf: (program, lines, other = server) => refusalOf(other, program, lines),
    async holdEndpoints(request) {
      openStateDir(stateDir);
      await sweepOnce(stateDir);
      if (request.links) await checkAliases(request.count, request.links.ownAddresses);
      try {
        return await HeldPorts.hold(stateDir, request, server);
      } catch (error) {
        const inUse = error instanceof DrillError && error.code === "PORT_IN_USE";
        if (!inUse || request.firstPort === undefined) throw error;
        await sweep(stateDir); // by one that has died since we looked, perhaps
        return await HeldPorts.hold(stateDir, request, server);
      }
    },
    rehearse: (rehearsal, other = server) => rehearseServer(other, rehearsal),
    async start(plan, held, startOptions) {
      if (!(held instanceof HeldPorts)) throw new TypeError("the endpoints are held by another driver");
      return await start(server, plan, held, {
        ...startOptions,
        fabricProgram: needsFabric(plan) ? options.fabricProgram : undefined,
      });
    },
  };
}

/** Endpoints that are held by port locks in the state folder. */
class HeldPorts implements HeldEndpoints {
  readonly stateDir: string;
  readonly record: HeldRecord;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly number[];
  #own = true;

  static async hold(
    stateDir: string,
    { count, withBus, firstPort, links }: EndpointRequest,
    server: ValkeyServer,
  ): Promise<HeldPorts> {
    const record: HeldRecord = {
      phase: "held",
      id: randomBytes(4).toString("hex"),
      driver: "process",
      createdAt: new Date().toISOString(),
      owner: ownIdentity(),
    };
    writeRecord(stateDir, record);
    try {
      const perNode = withBus ? 2 : 1;
      const onePort = links?.ownAddresses === true;
      const all = Array.from({ length: count }, (_, index) => hostsOf(index, onePort)).flat();
      const ports = await holdPorts(stateDir, {
        id: record.id,
        count: onePort ? perNode : perNode * count,
        firstPort,
        hostsOf: links && ((index) => (onePort ? all : hostsOf(index % count))),
      });
      const each = onePort ? ports.flatMap((port) => Array.from({ length: count }, () => port)) : ports;
      const end = links && { clients: links.clients, tellsClients: tellsClients(server) };
      const endpoints = endpointsAt(each, count, end);
      return new HeldPorts(stateDir, record, ports, onePort ? endpoints.map(withSpare) : endpoints);
    } catch (error) {
      await clearEnvironment(stateDir, { path: recordPath(stateDir, record.id), record });
      throw error;
    }
  }

  private constructor(
    stateDir: string,
    record: HeldRecord,
    ports: readonly number[],
    endpoints: readonly Endpoint[],
  ) {
    this.stateDir = stateDir;
    this.record = record;
    this.ports = ports;
    this.endpoints = endpoints;
  }

  async release(): Promise<void> {
    if (!this.#own) return;
    this.#own = false;
    await clearEnvironment(this.stateDir, {
      path: recordPath(this.stateDir, this.record.id),
      record: this.record,
    });
  }

  /** An environment takes them over; it will give them back. */
  takeOver(): void {
    if (!this.#own) throw new Error("these endpoints have been released or used already");
    this.#own = false;
  }
}

/** The ports of all nodes, then those of their buses. */
function endpointsAt(ports: readonly number[], count: number, fabric: FabricEnd | undefined): Endpoint[] {
  return ports.slice(0, count).map((port, index) => {
    const busPort = ports[count + index];
    if (!fabric) return { host: "127.0.0.1", port, busPort };
    const { host, announced } = fabricHosts(index);
    return { host, port, busPort, announced: { host: announced, port }, fabric };
  });
}

/** Which can be moved. */
function withSpare(endpoint: Endpoint, index: number): Endpoint {
  const spare = { host: spareHost(index), port: endpoint.port };
  return { ...endpoint, ...(endpoint.fabric && { fabric: { ...endpoint.fabric, spare } }) };
}

async function start(
  server: ValkeyServer,
  plan: Plan,
  held: HeldPorts,
  options: StartOptions & Pick<ProcessDriverOptions, "fabricProgram">,
): Promise<ProcessTopology> {
  const { stateDir, ports } = held;
  held.takeOver();
  const path = recordPath(stateDir, held.record.id);
  let topology: ProcessTopology | undefined;
  try {
    const dir = makeRunFolder(options.dir);
    const record: EnvironmentRecord = {
      ...held.record,
      phase: "starting",
      detached: options.detached,
      boot: bootId(),
      dir,
      server: recorded(server),
      ports: [...ports],
      nodes: plan.nodes.map(({ name }) => {
        const own = options.servers?.get(name);
        return { name, dir: join(dir, name), ...(own && { server: recorded(own) }) };
      }),
    };
    writePlan(stateDir, record.id, plan);
    const state = new StateFile(stateDir, record);
    state.create();
    const guardian = startGuardian(stateDir, record.id);
    record.guardian = guardian.identity;
    topology = new ProcessTopology(stateDir, state, plan);
    await topology.startAll(guardian, options);
    return topology;
  } catch (error) {
    if (topology) await topology.close();
    else await clearEnvironment(stateDir, { path, record: held.record });
    throw error;
  }
}

/** As the record has it. */
function recorded({ cli: _, ...server }: ValkeyServer): EnvironmentRecord["server"] {
  return { ...server, args: [...server.args], env: { ...server.env } };
}

/** With all symbolic links resolved: that is how the system tells the working folder of a process. */
function makeRunFolder(dir: string): string {
  try {
    mkdirSync(dir, { recursive: true });
    return realpathSync(dir);
  } catch (cause) {
    throw new DrillError("START_FAILED", `cannot make the folder ${dir}: ${messageOf(cause)}`, {
      hint: "choose a folder that can be written to, with --out",
      cause,
    });
  }
}
