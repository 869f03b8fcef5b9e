import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type Look, waitFor } from "../../base/wait.ts";
import type { Link, LinkEffect } from "../links.ts";
import { fabricHosts, spareHost } from "../process/fabric/addresses.ts";
import { Fabric } from "./fabric.ts";

/** One end of a connection, with all that has happened to it. */
export interface End {
  readonly socket: Socket;
  /** What it has received. */
  text(): string;
  /** The pieces in which it came. */
  readonly pieces: readonly number[];
  readonly events: readonly string[];
}

/** Nodes `a`, `b`, `c` that are plain servers, `dead` where nobody listens, and a fabric between them, in this process. */
export interface World {
  readonly fabric: Fabric;
  /** Connects as that node does; `clients` comes from nowhere in particular. `at`: the address that is called, if not the first one. */
  call(from: string, to: string, at?: string): Promise<End>;
  /** The connections that a node has accepted, in order. */
  accepted(node: string): readonly End[];
  /** Calls, and waits for both ends. */
  pair(from: string, to: string): Promise<{ from: End; to: End }>;
  impair(id: string, effect: LinkEffect, ...links: readonly string[]): void;
  close(): void;
}

export const link = (name: string): Link => {
  const [from = "", to = ""] = name.split(">");
  return { from, to };
};

export async function openWorld(): Promise<World> {
  const names = ["a", "b", "c", "dead"];
  const ends = new Map<string, End[]>(names.map((name) => [name, []]));
  const sockets: Socket[] = [];
  const servers: Server[] = [];
  let port = 0;
  for (const [index, name] of names.slice(0, 3).entries()) {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.push(socket);
      ends.get(name)?.push(endOf(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen({ host: fabricHosts(index).host, port }, resolve);
    });
    port = (server.address() as AddressInfo).port;
    servers.push(server);
  }
  const fabric = new Fabric(
    names.map((name, index) => {
      const { host, announced } = fabricHosts(index);
      const spare = name === "a" ? spareHost(index) : undefined;
      return {
        name,
        host,
        callsFromHost: true,
        announcedHost: announced,
        spareHost: spare,
        ports: [port],
      };
    }),
  );
  await fabric.listen();

  const call = (from: string, to: string, at = fabricHosts(names.indexOf(to)).announced) =>
    new Promise<End>((resolve, reject) => {
      const localAddress = from === "clients" ? undefined : fabricHosts(names.indexOf(from)).host;
      const socket = connect({ host: at, port, localAddress, noDelay: true, allowHalfOpen: true });
      sockets.push(socket);
      const end = endOf(socket);
      socket.once("error", reject).once("connect", () => {
        socket.off("error", reject);
        resolve(end);
      });
    });
  const accepted = (node: string) => ends.get(node) ?? [];
  return {
    fabric,
    call,
    accepted,
    async pair(from, to) {
      const before = accepted(to).length;
      const caller = await call(from, to);
      await until(`${to} to be called`, () => accepted(to).length > before || "not yet");
      return { from: caller, to: accepted(to)[before] as End };
    },
    impair: (id, effect, ...links) => fabric.impair({ id, effect, links: links.map(link) }),
    close() {
      fabric.close();
      for (const socket of sockets) socket.destroy();
      for (const server of servers) server.close();
    },
  };
}

export async function until(what: string, look: () => true | string): Promise<void> {
  const once = (): Look<undefined> => {
    const seen = look();
    return seen === true ? { done: true, value: undefined } : { done: false, seen };
  };
  await waitFor(once, { what, timeoutMs: 8_000, intervalMs: 2 });
}

/** What it has received is exactly that, at last. */
export async function received(end: End, text: string): Promise<void> {
  await until(`"${text}" to arrive`, () => end.text() === text || `"${end.text().slice(0, 80)}"`);
}

/** Something has happened to it. */
export async function happened(end: End, event: string): Promise<void> {
  await until(event, () => end.events.includes(event) || `${end.events.join(", ") || "nothing"}`);
}

function endOf(socket: Socket): End {
  let text = "";
  const pieces: number[] = [];
  const events: string[] = [];
  socket.on("data", (bytes: Buffer) => {
    pieces.push(bytes.length);
    text += bytes.toString("latin1");
  });
  socket.on("end", () => events.push("fin"));
  socket.on("error", (error: NodeJS.ErrnoException) => events.push(error.code ?? error.message));
  return { socket, text: () => text, pieces, events };
}
