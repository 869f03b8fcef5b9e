/*
 * The fabric's process. It shares its event loop with nobody: neither clients nor measurements. It has no parent to
 * rely on once that has written down who it is; then it runs until it is killed, as the nodes do.
 */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { Fabric } from "./fabric.ts";
import { type Orders, RECORDED, type Ready, type Request, type Response } from "./messages.ts";

/** A request is at most a few hundred links; what is longer is none of ours. */
const MOST_REQUEST_BYTES = 4 * 1024 * 1024;

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => {}); // meant for the drill
process.stdout.on("error", () => {}); // whoever started it has gone: stdin tells

const [, , orders] = process.argv;
if (orders === undefined) takeOrders();
else void begin(JSON.parse(orders) as Orders); // in a container, which its label makes known

function takeOrders(): void {
  let recorded = false;
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    if (line === RECORDED) recorded = true;
    else void begin(JSON.parse(line) as Orders);
  });
  lines.on("close", () => {
    if (!recorded) process.exit(1); // nobody knows of it, so nobody would ever end it
  });
}

async function begin({ nodes, token, control }: Orders): Promise<void> {
  const fabric = new Fabric(nodes);
  try {
    await fabric.listen();
    say({ port: await listenForRequests(fabric, token, control) });
  } catch (error) {
    const { code, address, port, message } = error as NodeJS.ErrnoException & {
      address?: string;
      port?: number;
    };
    say({ error: message, code, address: address && `${address}:${port}` });
    fabric.close();
    process.exitCode = 1;
    process.stdin.destroy();
  }
}

function say(ready: Ready): void {
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

function listenForRequests(
  fabric: Fabric,
  token: string,
  at: Orders["control"] = { host: "127.0.0.1", port: 0 },
): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    readRequest(socket, async (text) =>
      socket.end(`${JSON.stringify(await answerTo(text, fabric, token))}\n`),
    );
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, () => resolve((server.address() as AddressInfo).port));
  });
}

function readRequest(socket: Socket, use: (text: string) => Promise<unknown>): void {
  let text = "";
  socket.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    if (text.length > MOST_REQUEST_BYTES) socket.destroy();
    const end = text.indexOf("\n");
    if (end < 0) return;
    socket.removeAllListeners("data");
    void use(text.slice(0, end));
  });
}

async function answerTo(text: string, fabric: Fabric, token: string): Promise<Response> {
  try {
    const request = JSON.parse(text) as Request;
    if (request.token !== token) return { ok: false, error: "this is not the fabric that is meant" };
    if (request.ask === "impair") fabric.impair(request.impairment);
    else if (request.ask === "heal") fabric.heal(request.heal);
    else if (request.ask === "move") return { ok: true, host: await fabric.move(request.node) };
    else if (request.ask === "impairments") return { ok: true, impairments: fabric.impairments() };
    else return { ok: true, traffic: fabric.traffic() };
    return { ok: true };
  } catch (error) {
    return { ok: false, error: String(error) };
  }
}
