import type { Driver } from "../driver/driver.ts";
import type { DrillProgress } from "../run/progress.ts";

/** The drivers, the default one first. */
export const DRIVERS = ["process", "docker"] as const;

/** Which server, and what runs it. */
export interface ServerOptions {
  /** A version, a path, or with Docker an image. Default: as `findServer`. */
  readonly valkey?: string;
  /** One of `DRIVERS`; default: the first. */
  readonly driver?: string;
}

/** The same for a program. */
export interface ServerChoice {
  /** What runs the nodes: by its name, or one of your own. Default: `process`. */
  readonly driver?: (typeof DRIVERS)[number] | Driver;
  /**
   * The server, as `--valkey` takes it: a version or a path, with Docker a version or an image. Default: what `findServer` finds.
   * With a driver of your own it is the version of its server, for the record.
   */
  readonly valkey?: string;
}

/** A driver with the server that it starts. */
export interface OpenDriver {
  readonly driver: Driver;
  readonly version: string;
  /** What `--valkey` must be to have the same server again. */
  readonly valkey: string;
}

/**
 * Finds (or fetches) the server that was asked for, and the driver that starts it. Only that driver is loaded: every command names the
 * drivers in its options, and few start one.
 */
export async function openDriver(
  options: ServerOptions,
  progress: DrillProgress,
  signal: AbortSignal,
): Promise<OpenDriver> {
  return options.driver === "docker"
    ? await openDocker(options, progress, signal)
    : await openProcesses(options, progress, signal);
}

/** What a program chose: a driver by its name is opened, one of its own is taken as it is. */
export async function driverOf(
  { driver = DRIVERS[0], valkey }: ServerChoice,
  progress: DrillProgress,
  signal: AbortSignal,
): Promise<OpenDriver> {
  if (typeof driver === "string") return await openDriver({ driver, valkey }, progress, signal);
  const version = valkey ?? "unknown";
  return { driver, version, valkey: version };
}

async function openDocker(
  { valkey }: ServerOptions,
  progress: DrillProgress,
  signal: AbortSignal,
): Promise<OpenDriver> {
  const { dockerDriver, openEngine } = await import("../driver/docker/index.ts");
  const step = progress.step("find a Docker Engine");
  try {
    const engine = await openEngine({ valkey, signal, onProgress: (text) => step.update(text) });
    step.done(`Valkey ${engine.version} (${engine.image})`);
    return { driver: dockerDriver(engine), version: engine.version, valkey: engine.image };
  } catch (error) {
    step.fail("it cannot be used");
    throw error;
  }
}

async function openProcesses(
  options: ServerOptions,
  progress: DrillProgress,
  signal: AbortSignal,
): Promise<OpenDriver> {
  const [{ processDriver }, { findServer }] = await Promise.all([
    import("../driver/process/index.ts"),
    import("../valkey/find.ts"),
  ]);
  const step = progress.step("find a Valkey server");
  try {
    const server = await findServer({
      valkey: options.valkey,
      onProgress: (text) => step.update(text),
      signal,
    });
    step.done(`${server.flavour} ${server.version} (${server.origin}: ${server.executable})`);
    return {
      driver: processDriver(server),
      version: server.version,
      valkey: options.valkey ?? server.version,
    };
  } catch (error) {
    step.fail("none found");
    throw error;
  }
}
