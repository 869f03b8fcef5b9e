import type { Driver } from "../../src/driver/driver.ts";
import { type ProcessDriverOptions, processDriver } from "../../src/driver/process/index.ts";
import { findServer } from "../../src/valkey/find.ts";
import type { ValkeyServer } from "../../src/valkey/server.ts";
import { fabricProgram } from "./fabric-program.ts";

let found: Promise<ValkeyServer> | undefined;

/** The server that all tests use: whichever this machine has, or one fetched into the cache by the first test. */
export function testServer(): Promise<ValkeyServer> {
  found ??= findServer({});
  return found;
}

/** The process driver on that server, with a fabric that this Node can run. */
export async function testDriver(options: ProcessDriverOptions = {}): Promise<Driver> {
  return processDriver(await testServer(), {
    ...options,
    get fabricProgram() {
      return fabricProgram(); // only where it is needed: compiling takes a second or two
    },
  });
}
