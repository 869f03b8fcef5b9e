import { setMaxListeners } from "node:events";
import type { Random } from "../base/random.ts";
import type { Driver, LinkRequest, RunningTopology } from "../driver/driver.ts";
import { awaitReady, beforeWave } from "../driver/ready.ts";
import { DrillError } from "../model/errors.ts";
import { endpointsNeeded, makePlan } from "../topology/registry.ts";
import type { Security } from "../topology/security.ts";
import type { TopologySpec } from "../topology/spec.ts";
import { tellingZones } from "../topology/zones.ts";
import { type AdminPool, adminPool } from "../valkey/admin-pool.ts";
import { checkResources } from "../valkey/resources.ts";
import { isAtLeast } from "../valkey/version.ts";
import { firstFailure } from "./closing.ts";
import { checkConfig } from "./config-check.ts";
import { checkHostnames } from "./hostnames.ts";
import { readSecurity, removeSecrets, secureTopology } from "./security/prepare.ts";
import { rehearse } from "./security/rehearse.ts";
import { findServers, type Servers } from "./servers.ts";

/** A topology that runs and is ready, and the connections by which it is looked at. */
export interface Environment {
  readonly topology: RunningTopology;
  readonly admins: AdminPool;
  /** Of nodes that began with another server than the driver's. */
  readonly servers: Servers;
  /** From the first process to ready. */
  readonly readyMs: number;
  /**
   * Every node anew at its old address, without data and ready, as at the start. No session may be open on it.
   *
   * @throws DrillError `LACKS_CAPABILITY`, `START_FAILED`, `DEADLINE`: then it is not to be used any more
   */
  renew(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface EnvironmentOptions {
  readonly spec: TopologySpec;
  readonly driver: Driver;
  readonly random: Random;
  /** Where the nodes' folders are made. */
  readonly dir: string;
  readonly detached: boolean;
  readonly firstPort?: number;
  /** Links will be impaired: see `EndpointRequest`. */
  readonly links?: LinkRequest;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

/** Longest that a topology may take to be ready; 100 nodes on two cores take about a fifth of it. */
const READY_MS = 60_000;
/** Somebody outside may take a port between our choosing it and the server's binding it. */
const PORT_ATTEMPTS = 3;
const TAKEN = ["PORT_IN_USE", "SUBNET_IN_USE"];

/**
 * Chooses endpoints, plans, starts, and waits until ready. On failure nothing is left running.
 *
 * @throws DrillError `BAD_CONFIG`, `NO_RESOURCES`, `PORT_IN_USE`, `START_FAILED`, `DEADLINE`
 */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  if (options.signal) setMaxListeners(0, options.signal); // every wait of every node listens to it
  checkHostnames(options.spec, options.driver);
  const needed = endpointsNeeded(options.spec);
  await checkResources({ nodes: needed.count });
  const servers = await findServers(options.spec, options.signal, options.onProgress);
  await checkConfig(options.spec, options.driver, servers);
  const security = await readSecurity(options.spec, movesSlotsAtomically(options.driver, servers));
  if (security) await rehearse(options.spec, security, options.driver, servers);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options, needed, servers, security);
    } catch (error) {
      const again =
        error instanceof DrillError && TAKEN.includes(error.code) && options.firstPort === undefined;
      if (!again || attempt >= PORT_ATTEMPTS) throw error;
    }
  }
}

async function startOnce(
  { spec, driver, random, dir, detached, firstPort, links, signal, onProgress }: EnvironmentOptions,
  needed: { count: number; withBus: boolean },
  servers: Servers,
  security: Security | undefined,
): Promise<Environment> {
  const held = await driver.holdEndpoints({ ...needed, firstPort, links });
  const planned = tellingZones(makePlan(spec, held.endpoints, random.fork("plan")), (node) =>
    knowsZones(driver, servers, node),
  );
  const plan = await secureTopology(planned, security, dir).catch(async (error: unknown) => {
    await held.release();
    throw error;
  });
  const admins = adminPool(plan);
  const ready = { timeoutMs: READY_MS, signal };
  const began = performance.now();
  let topology: RunningTopology | undefined;
  const close = async () => {
    const failure = await firstFailure([
      () => admins.close(),
      () => topology?.close(),
      () => removeSecrets(plan, dir),
    ]);
    if (failure !== undefined) throw failure;
  };
  try {
    topology = await driver.start(plan, held, {
      dir,
      detached,
      signal,
      onProgress,
      servers,
      beforeWave: (wave) => beforeWave(wave, plan, admins, ready),
    });
    onProgress?.("waiting until it is ready");
    await awaitReady(plan, admins, ready);
    const running = topology;
    return {
      topology,
      admins,
      servers,
      readyMs: performance.now() - began,
      renew: async (until) => {
        if (!running.renew) throw new DrillError("LACKS_CAPABILITY", "its nodes cannot be started anew");
        const again = { timeoutMs: READY_MS, signal: until };
        await running.renew({ signal: until, beforeWave: (wave) => beforeWave(wave, plan, admins, again) });
        await awaitReady(plan, admins, again);
      },
      close,
    };
  } catch (error) {
    await firstFailure([close, () => held.release()]); // why it did not start is what counts
    throw error;
  }
}

/**
 * From Valkey 9.0 on a node asks another for its slots, as the user of replication. Where versions are mixed,
 * the oldest counts.
 */
function movesSlotsAtomically({ valkeyVersion = "0" }: Driver, servers: Servers): boolean {
  const others = [...servers.values()].map(({ flavour, version }) => (flavour === "valkey" ? version : "0"));
  return [valkeyVersion, ...others].every((version) => isAtLeast(version, "9.0"));
}

/** Does that node know `availability-zone`? It is there since Valkey 8.0; Redis has no such thing. */
function knowsZones({ valkeyVersion = "0" }: Driver, servers: Servers, node: string): boolean {
  const own = servers.get(node);
  if (own && own.flavour !== "valkey") return false;
  return isAtLeast(own?.version ?? valkeyVersion, "8.0");
}
