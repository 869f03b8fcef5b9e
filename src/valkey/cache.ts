import { readdir, readFile, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { messageOf } from "../model/errors.ts";
import { askVersion, isCliOf } from "./ask-version.ts";
import type { ServerCommand, ValkeyServer } from "./server.ts";
import { compareVersions } from "./version.ts";

/**
 * What lies in the cache, and how to start it:
 *
 * ```
 * $XDG_CACHE_HOME/valkey-drill/valkey/
 *   8.1-amd64/                     one per version line and architecture
 *     manifest.json                written last: without it the folder is not a version
 *     bin/valkey-server  bin/valkey-cli
 *     lib/*.so*                    and, where started through it, the loader
 *   .tmp-<host>-<pid>-<start>-…/   a version being built
 * ```
 */
export const MANIFEST = "manifest.json";

/** How a cached version is started. Every path is relative to the folder of the manifest. */
export const manifestSchema = z.object({
  schemaVersion: z.literal(1),
  flavour: z.enum(["valkey", "redis"]),
  version: z.string(),
  /** Debian's name of the architecture, e.g. `amd64`. */
  architecture: z.string(),
  /** The same as Node names it (`process.arch`), e.g. `x64`. */
  cpu: z.string(),
  server: z.string(),
  cli: z.string().optional(),
  libraries: z.string(),
  /** The C library's loader, where the system's own is too old; absent: started directly. */
  loader: z.string().optional(),
  /** Names of the package files it was made of. */
  packages: z.array(z.string()),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** A folder of the cache: what its manifest says, or what is wrong with it. */
export type CacheEntry =
  | { readonly folder: string; readonly manifest: Manifest }
  | { readonly folder: string; readonly problem: string };

/**
 * The cache's folder: `$XDG_CACHE_HOME/valkey-drill`, by default `~/.cache/valkey-drill`.
 * A relative `XDG_CACHE_HOME` is ignored, as the XDG Base Directory Specification demands.
 */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const given = env.XDG_CACHE_HOME;
  const base = given && isAbsolute(given) ? given : join(env.HOME || homedir(), ".cache");
  return join(base, "valkey-drill");
}

/** Where the versions stand. */
export function versionsFolder(env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), "valkey");
}

/** Every folder of the cache made for this machine's architecture, newest version first. Nothing is run. */
export async function listCached(env: NodeJS.ProcessEnv): Promise<CacheEntry[]> {
  const root = versionsFolder(env);
  const names = (await namesIn(root)).filter((name) => !name.startsWith("."));
  const entries = await Promise.all(names.map((name) => readEntry(join(root, name))));
  return entries
    .filter((entry) => "problem" in entry || entry.manifest.cpu === process.arch)
    .sort((a, b) => compareVersions(versionOf(b), versionOf(a)));
}

/** Tries a cached version by `--version`: the server, or what is wrong with it. */
export async function openCached(
  folder: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<ValkeyServer | { problem: string }> {
  const entry = await readEntry(folder);
  if ("problem" in entry) return { problem: entry.problem };

  const { manifest } = entry;
  const server = startOf(folder, manifest, manifest.server);
  const cli = manifest.cli === undefined ? undefined : startOf(folder, manifest, manifest.cli);
  const [answer, cliRuns] = await Promise.all([
    askVersion(server, env, signal),
    cli !== undefined && isCliOf(manifest.version, cli, env, signal),
  ]);
  if (!answer.ok) return { problem: answer.problem };
  return {
    ...server,
    flavour: answer.flavour,
    version: answer.version,
    executable: await realpath(join(folder, manifest.loader ?? manifest.server)),
    origin: "cache",
    ...(cliRuns && { cli }),
  };
}

/** How a program of a version is started: directly with its libraries, or through its own C library's loader. */
export function startOf(
  folder: string,
  how: Pick<Manifest, "libraries" | "loader">,
  program: string,
): ServerCommand {
  const libraries = join(folder, how.libraries);
  const path = join(folder, program);
  return how.loader === undefined
    ? { command: path, args: [], env: { LD_LIBRARY_PATH: libraries } }
    : { command: join(folder, how.loader), args: ["--library-path", libraries, path], env: {} };
}

async function readEntry(folder: string): Promise<CacheEntry> {
  const path = join(folder, MANIFEST);
  try {
    const parsed = manifestSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
    if (parsed.success) return { folder, manifest: parsed.data };
    return { folder, problem: `${path}: ${z.prettifyError(parsed.error)}` };
  } catch (error) {
    return { folder, problem: `${path}: ${messageOf(error)}` };
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    // Not there, or not to be read: either way nothing can be used from it. Writing to it tells the cause.
    return [];
  }
}

function versionOf(entry: CacheEntry): string {
  return "manifest" in entry ? entry.manifest.version : "0";
}
