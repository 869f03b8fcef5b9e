import type { Driver } from "../driver/driver.ts";
import { processDriver } from "../driver/process/index.ts";
import type { DrillProgress } from "../scenario/progress.ts";
import { findServer } from "../valkey/find.ts";
import type { ServerOptions } from "./options.ts";

/** Finds (or fetches) the server that was asked for, and the driver that starts it. */
export async function openDriver(
  options: ServerOptions,
  progress: DrillProgress,
  signal: AbortSignal,
): Promise<{ driver: Driver; version: string }> {
  const step = progress.step("find a Valkey server");
  try {
    const server = await findServer({
      valkey: options.valkey,
      onProgress: (text) => step.update(text),
      signal,
    });
    step.done(`${server.flavour} ${server.version} (${server.origin}: ${server.executable})`);
    return { driver: processDriver(server), version: server.version };
  } catch (error) {
    step.fail("none found");
    throw error;
  }
}
