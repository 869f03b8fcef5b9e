import { randomBytes } from "node:crypto";
import { isIPv4 } from "node:net";
import { DrillError } from "../../model/errors.ts";
import type { Endpoint } from "../../model/plan.ts";
import { isAtLeast } from "../../valkey/version.ts";
import type { EndpointRequest, HeldEndpoints, LinkRequest } from "../driver.ts";
import type { ControlAddress } from "../fabric/control.ts";
import { holdPorts, releasePorts } from "../ports.ts";
import { FIRST_ADDRESS } from "./compose-parts.ts";
import { type Engine, lacksFabricImage } from "./engine.ts";
import { freeSubnet } from "./subnet.ts";

/** Last number of the fabric's address; .1 is the network's gateway. */
const FABRIC_ADDRESS = 2;

/*
 *                                 10.213.77.11:20001  container of node-1
 *   others ──▶ announced ─────────┘
 *   clients ──▶ 127.0.0.1:20001 ──┘
 *
 * Where links are to be impaired, the fabric's container stands in between. It tells nodes by their ports, callers by their address:
 *
 *   others ──▶ 10.213.77.2:20007 ──▶ 10.213.77.11:20007      ports of nodes and their buses: all different
 *   clients ──▶ 127.0.0.1:20001 ──▶ 10.213.77.2:20007 …      only where theirs are to be impaired as well
 *   the drill ──▶ 127.0.0.1:20013 ──▶ 10.213.77.2:20013      what to impair
 */

/** Ports held by locks in the state folder, and addresses in a subnet. */
export class HeldPlaces implements HeldEndpoints {
  readonly id: string;
  readonly stateDir: string;
  readonly engine: Engine;
  readonly subnet: string;
  readonly endpoints: readonly Endpoint[];
  /** Where the fabric takes requests; absent: there is none. */
  readonly control: (ControlAddress & { readonly host: string }) | undefined;
  #own = true;

  /** @throws DrillError `PORT_IN_USE`, `SUBNET_IN_USE`, `LACKS_CAPABILITY` */
  static async hold(stateDir: string, engine: Engine, request: EndpointRequest): Promise<HeldPlaces> {
    const { count, firstPort, withBus, links } = request;
    if (links && !engine.fabricImage)
      throw new DrillError("LACKS_CAPABILITY", "links cannot be hurt", { hint: lacksFabricImage() });
    const id = randomBytes(4).toString("hex");
    const ports = await holdPorts(stateDir, {
      id,
      count: links ? count * (1 + Number(withBus) + Number(links.clients)) + 1 : count,
      firstPort,
    });
    try {
      return new HeldPlaces(stateDir, engine, id, await freeSubnet(), ports, request);
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
    { count, withBus, links }: EndpointRequest,
  ) {
    this.stateDir = stateDir;
    this.engine = engine;
    this.id = id;
    this.subnet = subnet;
    const { address } = engine;
    const places = { address, subnet, ports, count };
    this.endpoints = links
      ? fabricEndpoints(places, withBus, links, tellsClients(engine))
      : plainEndpoints(places, withBus);
    const port = links && ports.at(-1);
    this.control = port ? { host: address, port, token: randomBytes(16).toString("hex") } : undefined;
  }

  get fabricHost(): string {
    return `${this.subnet}.${FABRIC_ADDRESS}`;
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

interface Places {
  readonly address: string;
  readonly subnet: string;
  readonly ports: readonly number[];
  readonly count: number;
}

function plainEndpoints({ address, subnet, ports }: Places, withBus: boolean): Endpoint[] {
  return ports.map((port, index) => ({
    host: address,
    port,
    ...(withBus && { busPort: busPortOf(port) }),
    announced: { host: containerHost(subnet, index), port },
  }));
}

/** The ports of clients, if they pass the fabric, then those of all nodes, then those of their buses. The first are the ones that users see. */
function fabricEndpoints(
  { address, subnet, ports, count }: Places,
  withBus: boolean,
  { clients }: LinkRequest,
  tellsThem: boolean,
): Endpoint[] {
  const own = ports.slice(clients ? count : 0);
  return own.slice(0, count).map((port, index) => ({
    host: address,
    port,
    ...(withBus && { busPort: own[count + index] }),
    announced: { host: `${subnet}.${FABRIC_ADDRESS}`, port },
    fabric: {
      clients,
      tellsClients: tellsThem,
      containerHost: containerHost(subnet, index),
      ...(clients && { published: { host: address, port: ports[index] as number } }),
    },
  }));
}

const containerHost = (subnet: string, index: number) => `${subnet}.${FIRST_ADDRESS + index}`;

/** The cluster bus stays inside the containers' network; the server's own rule, where it yields a port at all. */
function busPortOf(port: number): number {
  return port + 10_000 <= 65_535 ? port + 10_000 : port - 10_000;
}

/** `cluster-announce-client-ipv4`: since Valkey 8.0, and a number. */
function tellsClients({ version, address }: Engine): boolean {
  return isAtLeast(version, "8.0") && isIPv4(address);
}
