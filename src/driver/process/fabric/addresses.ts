import { networkInterfaces } from "node:os";
import { DrillError } from "../../../model/errors.ts";
import type { ValkeyServer } from "../../../valkey/server.ts";
import { isAtLeast } from "../../../valkey/version.ts";
import { tryBind } from "../../ports.ts";

/*
 *   127.0.1.i   node i listens here, and calls from here
 *   127.0.2.i   the fabric listens here for node i; the node announces it
 *   127.0.3.i   the same once node i was moved; only where that was asked for
 *
 * Environments share these addresses, as they share 127.0.0.1: their ports differ.
 */

const WHY =
  "Nodes of the process driver are told apart by addresses such as 127.0.1.1, and this machine has only 127.0.0.1";
const HINT =
  "Use --driver docker. Or give the loopback those addresses, two for each node: sudo ifconfig lo0 alias 127.0.1.1 " +
  "(and 127.0.2.1, …).";

/** Where node `index` (from 0) is, and where the fabric listens for it. */
export function fabricHosts(index: number): { host: string; announced: string } {
  return { host: `127.0.1.${index + 1}`, announced: `127.0.2.${index + 1}` };
}

/** Where the fabric listens for node `index` (from 0) once it was moved. */
export function spareHost(index: number): string {
  return `127.0.3.${index + 1}`;
}

/** All addresses of node `index` (from 0). */
export function hostsOf(index: number, ownAddresses = false): string[] {
  return [...Object.values(fabricHosts(index)), ...(ownAddresses ? [spareHost(index)] : [])];
}

/** Linux takes all of 127.0.0.0/8 for its own; elsewhere each address must have been given to the loopback. */
export function hasAliases(platform: NodeJS.Platform, addresses: readonly string[]): boolean {
  return platform === "linux" || Object.values(fabricHosts(0)).every((host) => addresses.includes(host));
}

/** Why links cannot be cut on this machine, and what to do; `undefined`: they can. */
export function lacksLinks(
  platform: NodeJS.Platform = process.platform,
  addresses = ownAddresses(),
): string | undefined {
  return hasAliases(platform, addresses) ? undefined : `${WHY}. ${HINT}`;
}

/** Tries to bind them all. @throws DrillError `LACKS_CAPABILITY` */
export async function checkAliases(count: number, ownAddresses = false): Promise<void> {
  const hosts = Array.from({ length: count }, (_, index) => hostsOf(index, ownAddresses)).flat();
  const errors = await Promise.all(hosts.map((host) => tryBind(host, 0)));
  const bad = errors.findIndex((error) => error !== undefined);
  if (bad < 0) return;
  throw new DrillError("LACKS_CAPABILITY", `${WHY}: ${errors[bad]?.message}`, {
    hint: HINT,
    cause: errors[bad],
  });
}

/** Since Valkey 8.0 (https://github.com/valkey-io/valkey/pull/736); Redis has no such thing. */
export function tellsClients({ flavour, version }: ValkeyServer): boolean {
  return flavour === "valkey" && isAtLeast(version, "8.0");
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((one) => one?.map(({ address }) => address) ?? []);
}
