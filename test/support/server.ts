import { findServer } from "../../src/valkey/find.ts";
import type { ValkeyServer } from "../../src/valkey/server.ts";

let found: Promise<ValkeyServer> | undefined;

/** The server that all tests use: whichever this machine has, or one fetched into the cache by the first test. */
export function testServer(): Promise<ValkeyServer> {
  found ??= findServer({});
  return found;
}
