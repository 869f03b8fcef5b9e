import { connect, createServer, type Server, type Socket } from "node:net";
import {
  CLIENTS_END,
  type HealRequest,
  type Link,
  type LinkImpairment,
  type LinkTraffic,
  linkName,
} from "../links.ts";
import { Connection } from "./connection.ts";
import { LinkState } from "./link-state.ts";

/** A node as the fabric sees it. */
export interface FabricNode {
  readonly name: string;
  /** Where it listens, and where its own connections come from. */
  readonly host: string;
  /** That address is this machine's, so the fabric can call on from it. A container's is not. */
  readonly callsFromHost: boolean;
  /** Where the others call it: here the fabric listens. */
  readonly announcedHost: string;
  /** Where the fabric listens for it once it was moved. */
  readonly spareHost?: string;
  /** The same at all hosts. */
  readonly ports: readonly number[];
}

/** Ends are passed on one by one. Beyond 256 KiB that a peer has not taken, the other is not read. */
const SOCKET = { allowHalfOpen: true, noDelay: true, highWaterMark: 256 * 1024 };
/** Calls that may wait to be accepted at one port: a cluster of 100 nodes calls at once. */
const BACKLOG = 1024;

/**
 * Carries every connection between the nodes, and knows for each byte which link it is on:
 *
 *     node A, from 127.0.1.a ──▶ 127.0.2.b:port ─┐   who calls is told by the source address
 *                                                ├─ link A>B ─▶ from 127.0.1.a ──▶ 127.0.1.b:port, node B
 *                                                └◀ link B>A ──
 *
 * Who calls from any other address is `clients`. Containers have one announced address for all, and each a port of its
 * own:
 *
 *     node A, 10.213.77.11 ──▶ 10.213.77.2:port of B ─── link A>B ─▶ from 10.213.77.2 ──▶ 10.213.77.12:port, node B
 */
export class Fabric {
  readonly #nodes: readonly FabricNode[];
  readonly #links = new Map<string, LinkState>();
  readonly #impairments = new Map<string, LinkImpairment>();
  readonly #connections = new Set<Connection>();
  /** By `host:port`. */
  readonly #servers = new Map<string, Server>();

  constructor(nodes: readonly FabricNode[]) {
    this.#nodes = nodes;
  }

  /** Resolves once every announced address is listened at. */
  async listen(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => this.#listenFor(node, node.announcedHost)));
  }

  /**
   * From now on the node is called at the other one of its two addresses, and calls to the one before are refused.
   * Connections are left as they are.
   *
   * @returns where it is called now
   */
  async move(name: string): Promise<string> {
    const node = this.#nodes.find((one) => one.name === name);
    if (node?.spareHost === undefined) throw new Error(`${name} has no other address`);
    const isMoved = this.#servers.has(`${node.spareHost}:${node.ports[0]}`);
    const [from, to] = isMoved ? [node.spareHost, node.announcedHost] : [node.announcedHost, node.spareHost];
    await this.#listenFor(node, to);
    for (const port of node.ports) {
      const address = `${from}:${port}`;
      this.#servers.get(address)?.close();
      this.#servers.delete(address);
    }
    return to;
  }

  impair(impairment: LinkImpairment): void {
    this.heal({ id: impairment.id });
    this.#impairments.set(impairment.id, impairment);
    for (const link of impairment.links) this.#link(link).set(impairment.id, impairment.effect);
    this.#review();
  }

  heal({ id, kind, links }: HealRequest): void {
    const named = links && new Set(links.map(linkName));
    for (const impairment of [...this.#impairments.values()]) {
      if (id !== undefined && impairment.id !== id) continue;
      if (kind !== undefined && impairment.effect.kind !== kind) continue;
      const isMeant = (link: Link) => !named || named.has(linkName(link));
      for (const link of impairment.links.filter(isMeant)) this.#link(link).remove(impairment.id);
      const left = impairment.links.filter((link) => !isMeant(link));
      if (left.length > 0) this.#impairments.set(impairment.id, { ...impairment, links: left });
      else this.#impairments.delete(impairment.id);
    }
    this.#review();
  }

  impairments(): LinkImpairment[] {
    return [...this.#impairments.values()];
  }

  traffic(): LinkTraffic[] {
    return [...this.#links.values()].map(({ from, to, bytes, connections }) => ({
      from,
      to,
      bytes,
      connections,
    }));
  }

  close(): void {
    for (const server of this.#servers.values()) server.close();
    for (const connection of [...this.#connections]) connection.destroy();
  }

  async #listenFor(node: FabricNode, host: string): Promise<void> {
    await Promise.all(node.ports.map((port) => this.#listenAt(node, host, port)));
  }

  #listenAt(node: FabricNode, host: string, port: number): Promise<void> {
    const address = `${host}:${port}`;
    if (this.#servers.has(address)) return Promise.resolve();
    const server = createServer(SOCKET, (socket) => this.#accept(node, port, socket));
    this.#servers.set(address, server);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port, backlog: BACKLOG, exclusive: true }, () => resolve());
    });
  }

  #accept(target: FabricNode, port: number, opener: Socket): void {
    const source = this.#nodes.find((node) => node.host === opener.remoteAddress);
    const from = source?.name ?? CLIENTS_END;
    const localAddress = source?.callsFromHost ? source.host : undefined;
    const connection = new Connection({
      opener,
      forward: this.#link({ from, to: target.name }),
      backward: this.#link({ from: target.name, to: from }),
      // With the caller's own address if that can be: what the server says of its clients is then what it would say
      // without us.
      dial: () => connect({ ...SOCKET, host: target.host, port, localAddress }),
      onClose: (closed) => this.#connections.delete(closed),
    });
    this.#connections.add(connection);
    connection.review();
  }

  #link(link: Link): LinkState {
    const name = linkName(link);
    const known = this.#links.get(name) ?? new LinkState(link);
    this.#links.set(name, known);
    return known;
  }

  #review(): void {
    for (const connection of [...this.#connections]) connection.review();
  }
}
