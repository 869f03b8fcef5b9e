import { didYouMean } from "../base/nearest.ts";
import { DrillError } from "../model/errors.ts";
import type { TopologyKind } from "../model/plan.ts";
import type { ClientLibrary } from "./client.ts";
import { ioredis } from "./ioredis/index.ts";
import { iovalkey } from "./iovalkey/index.ts";
import { nodeRedis } from "./node-redis/index.ts";
import { missing } from "./packages.ts";

const ALL = [iovalkey, ioredis, nodeRedis] as const;

/** Name of one of the libraries that are built in. */
export type BuiltInClient = (typeof ALL)[number]["name"];

const clients: ClientLibrary[] = [...ALL];

/** The client libraries, the default one first, those of plugins last. */
export const CLIENTS: readonly ClientLibrary[] = clients;

/** Adds a client library of a plugin, whose name the caller has found to be free. */
export function addClient(library: ClientLibrary): void {
  clients.push(library);
}

/**
 * The library of that name, if it can be used with such a topology here and now.
 *
 * @throws DrillError `BAD_USAGE` if there is none, or it does not know such a topology; `MISSING_PACKAGE`, with what to install
 */
export function clientFor(name: string, kind: TopologyKind): ClientLibrary {
  const names = CLIENTS.map((library) => library.name);
  const library = CLIENTS.find((one) => one.name === name);
  if (!library)
    throw new DrillError("BAD_USAGE", `no client is named "${name}".${didYouMean(name, names)}`, {
      hint: `There are: ${names.join(", ")}`,
    });
  const supported = library.supports[kind];
  if (supported !== true)
    throw new DrillError("BAD_USAGE", `${name} cannot be used with ${WORDS[kind]}: it ${supported.why}`, {
      hint: `${supported.issue}\nUse ${supporting(kind).join(" or ")}.`,
    });
  if (library.version === undefined) throw missing(library.packageName);
  return library;
}

/** Names of the libraries that can be used with such a topology here and now. */
export function usableClients(kind: TopologyKind): string[] {
  return CLIENTS.filter(({ supports, version }) => supports[kind] === true && version !== undefined).map(
    ({ name }) => name,
  );
}

const WORDS = { ha: "Sentinels", cluster: "a cluster" } as const;

const supporting = (kind: TopologyKind) =>
  CLIENTS.filter(({ supports }) => supports[kind] === true).map(({ name }) => name);
