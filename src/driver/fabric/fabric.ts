import { connect, createServer, type Server, type Socket } from "node:net";
import {
  CLIENTS_END,
  type HealRequest,
  type Link,
  type LinkHurt,
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
  /** The same at both hosts. */
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
 * Who calls from any other address is `clients`. Containers have one announced address for all, and each a port of its own:
 *
 *     node A, 10.213.77.11 ──▶ 10.213.77.2:port of B ─── link A>B ─▶ from 10.213.77.2 ──▶ 10.213.77.12:port, node B
 */
export class Fabric {
  readonly #nodes: readonly FabricNode[];
  readonly #links = new Map<string, LinkState>();
  readonly #hurts = new Map<string, LinkHurt>();
  readonly #connections = new Set<Connection>();
  readonly #servers: Server[] = [];

  constructor(nodes: readonly FabricNode[]) {
    this.#nodes = nodes;
  }

  /** Resolves once every announced address is listened at. */
  async listen(): Promise<void> {
    await Promise.all(this.#nodes.flatMap((node) => node.ports.map((port) => this.#listenAt(node, port))));
  }

  hurt(hurt: LinkHurt): void {
    this.heal({ id: hurt.id });
    this.#hurts.set(hurt.id, hurt);
    for (const link of hurt.links) this.#link(link).set(hurt.id, hurt.effect);
    this.#review();
  }

  heal({ id, kind, links }: HealRequest): void {
    const named = links && new Set(links.map(linkName));
    for (const hurt of [...this.#hurts.values()]) {
      if (id !== undefined && hurt.id !== id) continue;
      if (kind !== undefined && hurt.effect.kind !== kind) continue;
      const isMeant = (link: Link) => !named || named.has(linkName(link));
      for (const link of hurt.links.filter(isMeant)) this.#link(link).remove(hurt.id);
      const left = hurt.links.filter((link) => !isMeant(link));
      if (left.length > 0) this.#hurts.set(hurt.id, { ...hurt, links: left });
      else this.#hurts.delete(hurt.id);
    }
    this.#review();
  }

  hurts(): LinkHurt[] {
    return [...this.#hurts.values()];
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
    for (const server of this.#servers) server.close();
    for (const connection of [...this.#connections]) connection.destroy();
  }

  #listenAt(node: FabricNode, port: number): Promise<void> {
    const server = createServer(SOCKET, (socket) => this.#accept(node, port, socket));
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: node.announcedHost, port, backlog: BACKLOG, exclusive: true }, () => resolve());
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
      // With the caller's own address if that can be: what the server says of its clients is then what it would say without us.
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
