import { lookup as bySystem } from "node:dns";
import { type AddressInfo, connect, createServer, type LookupFunction } from "node:net";
import { expect, it } from "vitest";
import { lookupIn } from "./names.ts";

const NAME = "primary.drill.test";

it("our names are what a connection goes by", async () => {
  const lookup = lookupIn(new Map([[NAME, "127.0.0.1"]]), bySystem as Parameters<typeof lookupIn>[1]);
  const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: NAME, port, lookup: lookup as LookupFunction });
  await new Promise((done, failed) => socket.once("connect", done).once("error", failed));
  expect(socket.remoteAddress).toBe("127.0.0.1");
  socket.destroy();
  server.close();
});
