import { didYouMean } from "../base/nearest.ts";
import type { ClientHelp } from "../model/client-help.ts";
import { DrillError } from "../model/errors.ts";
import type { TopologyKind } from "../model/plan.ts";
import { glide } from "./glide/index.ts";
import { ioredis } from "./ioredis/index.ts";
import { iovalkey } from "./iovalkey/index.ts";
import type { ClientLibrary } from "./library.ts";
import { nodeRedis } from "./node-redis/index.ts";
import { missing } from "./packages.ts";

const ALL = [iovalkey, ioredis, nodeRedis, glide] as const;

/** A name of one of the libraries that are built in. */
export type BuiltInClient =
  NonNullable<(typeof ALL)[number]["name" | "otherNames"]> extends infer Names
    ? Names extends readonly (infer Other)[]
      ? Other
      : Names
    : never;

const libraries = new Map<string, ClientLibrary>(ALL.map((library) => [library.name, library]));

/** The client libraries by name, in the order of tables. */
export const LIBRARIES: ReadonlyMap<string, ClientLibrary> = libraries;

/** The library of a drill that names none. Its package is always installed: the tool itself uses it. */
export const DEFAULT_LIBRARY: string = iovalkey.name;

/**
 * Adds a library of one's own. Returns what takes it out again.
 *
 * @throws DrillError `BAD_USAGE` if one of its names is taken
 */
export function registerLibrary(library: ClientLibrary): () => void {
  const taken = namesOf(library).find((name) => find(name));
  if (taken !== undefined)
    throw new DrillError("BAD_USAGE", `there is a client library named "${taken}" already`, {
      hint: "Give yours another name.",
    });
  libraries.set(library.name, library);
  return () => libraries.delete(library.name);
}

/** Every name by which it may be given. */
export function namesOf({ name, otherNames = [] }: Pick<ClientLibrary, "name" | "otherNames">): string[] {
  return [name, ...otherNames];
}

/** What was measured to help applications, of all libraries: for judging what became of one. */
export function clientHelp(): readonly ClientHelp[] {
  return [...libraries.values()].flatMap(({ help = [] }) => help);
}

/** Every name by which a library may be given. */
export function libraryNames(): string[] {
  return [...libraries.values()].flatMap(namesOf);
}

/**
 * The library of that name, be it installed or not.
 *
 * @throws DrillError `BAD_USAGE`, with the names that there are
 */
export function libraryNamed(name: string): ClientLibrary {
  const library = find(name);
  if (library) return library;
  throw new DrillError("BAD_USAGE", `no client is named "${name}".${didYouMean(name, libraryNames())}`, {
    hint: `There are: ${[...libraries.keys()].join(", ")}`,
  });
}

/**
 * The library of that name, if it can be used with such a topology here and now.
 *
 * @throws DrillError `BAD_USAGE` if there is none, or it does not know such a topology; `MISSING_PACKAGE`, with what to
 * install
 */
export function clientFor(name: string, kind: TopologyKind): ClientLibrary {
  const library = libraryNamed(name);
  const supported = library.supports[kind];
  if (supported !== true)
    throw new DrillError(
      "BAD_USAGE",
      `${library.name} cannot be used with ${WORDS[kind]}: it ${supported.why}`,
      {
        hint: `${supported.issue}\nUse ${supporting(kind).join(" or ")}.`,
      },
    );
  return installed(library);
}

/** @throws DrillError `BAD_USAGE` if every client must show a certificate, and this library cannot */
export function checkShowsCertificate({ name, showsCertificate = true }: ClientLibrary): void {
  if (showsCertificate === true) return;
  throw new DrillError(
    "BAD_USAGE",
    `${name} cannot be used with clientAuth: required: it ${showsCertificate.why}`,
    {
      hint: `${showsCertificate.issue}\nWrite tls: { clientAuth: optional }.`,
    },
  );
}

/** @throws DrillError `MISSING_PACKAGE`, with what to install */
export function installed(library: ClientLibrary): ClientLibrary {
  if (library.version === undefined) throw missing(library.packageName);
  return library;
}

/** Names of the libraries that can be used with such a topology here and now. */
export function usableClients(kind: TopologyKind): string[] {
  return supporting(kind).filter((name) => libraries.get(name)?.version !== undefined);
}

const WORDS = { ha: "Sentinels", cluster: "a cluster" } as const;

const find = (name: string) => [...libraries.values()].find((library) => namesOf(library).includes(name));

const supporting = (kind: TopologyKind) =>
  [...libraries.values()].filter(({ supports }) => supports[kind] === true).map(({ name }) => name);
