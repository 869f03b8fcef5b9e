import { connect, createServer } from "node:net";
import { expect, it } from "vitest";
import { deadline } from "./deadline.ts";

/** The event loop stands still, and uses no processor time. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

it("a deadline gives an answer that came in a stall its chance: timers run before sockets are read", async () => {
  const server = createServer((socket) => socket.on("data", (data) => socket.write(data)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const socket = connect(port, "127.0.0.1");
  await new Promise<unknown>((resolve) => socket.once("connect", resolve));
  const first = await new Promise((resolve) => {
    const end = deadline(100, () => resolve("deadline"));
    socket.once("data", () => {
      end();
      resolve("answer");
    });
    socket.write("x", () => standStill(500));
  });
  socket.destroy();
  server.close();
  expect(first).toBe("answer");
});
