import { connect } from "node:net";
import type { Endpoint } from "../../src/model/plan.ts";

/**
 * Sends one command and returns the first bytes of the reply as they are, without its last line end: `+PONG`,
 * `$1\r\nv`. Rejects if nothing listens there, or nothing comes within the time.
 */
export function command(endpoint: Endpoint, words: readonly string[], timeoutMs = 2_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(endpoint.port, endpoint.host);
    const end = (settle: () => void) => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(timeoutMs, () => end(() => reject(new Error(`no reply within ${timeoutMs} ms`))));
    socket.once("error", (error) => end(() => reject(error)));
    socket.once("end", () => end(() => reject(new Error("connection closed"))));
    socket.once("data", (data) => end(() => resolve(data.toString().trimEnd())));
    socket.write(`${words.join(" ")}\r\n`);
  });
}

/** It closed the connection without a word. */
export const CLOSED = "(closed)";

/** What the server says to a newcomer who says nothing; empty if that is nothing. */
export function greeting(endpoint: Endpoint, timeoutMs = 300): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(endpoint.port, endpoint.host);
    const end = (said: string) => {
      socket.destroy();
      resolve(said);
    };
    socket.setTimeout(timeoutMs, () => end(""));
    socket.once("data", (data) => end(data.toString().trimEnd()));
    socket.once("end", () => end(CLOSED));
    socket.once("error", reject);
  });
}

/** Does anything listen there? */
export async function listens(endpoint: Endpoint): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(endpoint.port, endpoint.host);
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.on("close", () => socket.destroy());
    socket.once("connect", () => socket.destroy());
  });
}
