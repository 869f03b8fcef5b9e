import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DrillError, messageOf } from "../model/errors.ts";
import { askVersion, cliBeside, isSentinelName } from "./ask-version.ts";
import { cacheFolder, listCached, openCached } from "./cache.ts";
import { findAptTools } from "./fetch/apt.ts";
import { fetchServer } from "./fetch/fetch.ts";
import { DEFAULT_LINE, releaseFor, releaseLines } from "./fetch/releases.ts";
import { findAllOnPath, findOnPath, isProgram } from "./on-path.ts";
import type { ValkeyServer } from "./server.ts";
import { belongsTo, fullVersion, isVersion } from "./version.ts";

export interface FindOptions {
  /** `--valkey`: the path of a server, or a version such as `8.1`. Wins over `VALKEY_DRILL_SERVER`. */
  readonly valkey?: string;
  /**
   * Default `process.env`. Read: `VALKEY_DRILL_SERVER`, `VALKEY_DRILL_DEBIAN_MIRROR`, `XDG_CACHE_HOME`, `HOME`, `PATH`.
   */
  readonly env?: NodeJS.ProcessEnv;
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** What is here already, or what was looked for in vain. */
export type Located =
  | { readonly server: ValkeyServer }
  | { readonly server?: undefined; readonly wanted?: string; readonly tried: readonly string[] };

/**
 * Finds a server, or fetches one: that of `--valkey PATH` or `VALKEY_DRILL_SERVER`, else one in the cache, else
 * `valkey-server` on PATH, else Debian's packages, fetched into the cache. Each is run with `--version` before it
 * is handed out. Without a version asked for it is 8.1 from the cache, any supported one on PATH, or 8.1 fetched.
 *
 * @throws DrillError `BAD_VALKEY` (what was given is no server, or there is no such version), `NO_VALKEY` (nothing
 *   here, and no apt to fetch with), `CACHE_UNWRITABLE`, `FETCH_FAILED`
 */
export async function findServer(options: FindOptions = {}): Promise<ValkeyServer> {
  const { env = process.env, onProgress = () => {}, signal } = options;
  const located = await locateServer(options);
  if (located.server) return located.server;

  const tools = await findAptTools(env);
  if ("missing" in tools) {
    throw noValkey(located.wanted, [...located.tried, `fetching: no ${tools.missing.join(", no ")} on PATH`]);
  }
  const wanted = located.wanted ?? DEFAULT_LINE;
  const release = releaseFor(wanted);
  if (!release) throw noSuchVersion(wanted, located.tried);
  return await fetchServer({ release, tools, wanted, env, onProgress, signal });
}

/**
 * The same, but fetches nothing.
 *
 * @throws DrillError `BAD_VALKEY`
 */
export async function locateServer(options: FindOptions = {}): Promise<Located> {
  const { env = process.env, signal } = options;
  const given = options.valkey ?? (env.VALKEY_DRILL_SERVER || undefined);
  const source = options.valkey === undefined ? "VALKEY_DRILL_SERVER" : "--valkey";
  if (given !== undefined && !isVersion(given)) return { server: await fromPath(given, source, env, signal) };

  const tried: string[] = [];
  const server = (await fromCache(given, env, tried, signal)) ?? (await fromPATH(given, env, tried, signal));
  if (server) return { server };
  if (given !== undefined && !releaseFor(given)) throw noSuchVersion(given, tried);
  return { wanted: given, tried };
}

async function fromPath(
  given: string,
  source: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<ValkeyServer> {
  const refuse = (problem: string, hint: string, cause?: unknown) =>
    new DrillError("BAD_VALKEY", `${source} ${given}: ${problem}`, { hint, cause });
  const wantedHint =
    `${source} takes the path of a valkey-server (or redis-server 7+), or a ` + `version: ${releaseLines()}`;

  // A bare name that is no file here is meant as a shell would take it.
  const path = given.includes("/")
    ? resolve(given)
    : ((await existing(given)) ?? (await findOnPath(given, env)));
  if (given === "" || path === undefined) throw refuse("no such file here, nor on PATH", wantedHint);
  try {
    if ((await stat(path)).isDirectory()) {
      throw refuse("is a folder", (await hintInside(path, source)) ?? wantedHint);
    }
    await access(path, constants.X_OK);
  } catch (error) {
    if (error instanceof DrillError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw refuse("no such file", wantedHint, error);
    if (code !== "EACCES") throw refuse(messageOf(error), wantedHint, error);
    throw refuse(
      "may not be executed",
      `chmod +x ${path}, if it is a valkey-server; see also: ls -l ${path}`,
      error,
    );
  }
  if (isSentinelName(path)) {
    throw refuse(
      "starts as a Sentinel by its name",
      "Give the valkey-server beside it: both are one program.",
    );
  }
  const server = await describe(path, "given", env, signal);
  if ("problem" in server) throw refuse(`is not a server that can be used: ${server.problem}`, wantedHint);
  return server;
}

async function fromCache(
  wanted: string | undefined,
  env: NodeJS.ProcessEnv,
  tried: string[],
  signal?: AbortSignal,
): Promise<ValkeyServer | undefined> {
  const line = wanted ?? DEFAULT_LINE;
  const seen: string[] = [];
  for (const entry of await listCached(env)) {
    if ("problem" in entry) {
      seen.push(entry.problem);
    } else if (!belongsTo(fullVersion(entry.manifest), line)) {
      seen.push(fullVersion(entry.manifest));
    } else {
      const server = await openCached(entry.folder, env, signal);
      if (!("problem" in server)) return server;
      seen.push(server.problem);
    }
  }
  tried.push(
    `the cache ${cacheFolder(env)}: no Valkey ${line}${seen.length > 0 ? ` (but ${seen.join("; ")})` : ""}`,
  );
  return undefined;
}

async function fromPATH(
  wanted: string | undefined,
  env: NodeJS.ProcessEnv,
  tried: string[],
  signal?: AbortSignal,
): Promise<ValkeyServer | undefined> {
  const seen: string[] = [];
  for (const path of await findAllOnPath("valkey-server", env)) {
    const server = await describe(path, "path", env, signal);
    if ("problem" in server) seen.push(server.problem);
    else if (wanted === undefined || belongsTo(fullVersion(server), wanted)) return server;
    else seen.push(`${path} is ${server.version}`);
  }
  tried.push(`PATH: no valkey-server${seen.length > 0 ? ` that can be used (${seen.join("; ")})` : ""}`);
  return undefined;
}

async function describe(
  path: string,
  origin: "given" | "path",
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<ValkeyServer | { problem: string }> {
  const command = { command: path, args: [], env: {} };
  const answer = await askVersion(command, env, signal);
  if (!answer.ok) return answer;
  const { flavour, version } = answer;
  const cli = await cliBeside(path, answer, env, signal);
  return { ...command, flavour, version, executable: await realpath(path), origin, ...(cli && { cli }) };
}

async function existing(name: string): Promise<string | undefined> {
  const path = resolve(name);
  return stat(path).then(
    () => path,
    () => undefined,
  );
}

async function hintInside(folder: string, source: string): Promise<string | undefined> {
  for (const inside of ["valkey-server", "bin/valkey-server", "src/valkey-server"]) {
    if (await isProgram(join(folder, inside))) return `Did you mean ${source} ${join(folder, inside)}?`;
  }
  return undefined;
}

function noSuchVersion(wanted: string, tried: readonly string[]): DrillError {
  return new DrillError(
    "BAD_VALKEY",
    `there is no Valkey ${wanted} here, and none to fetch; those that can be ` +
      `fetched are ${releaseLines()}. Tried ${tried.join("; ")}`,
    { hint: `Use one of those, or give a server of your own: --valkey /path/to/valkey-server` },
  );
}

function noValkey(wanted: string | undefined, tried: readonly string[]): DrillError {
  const what = wanted === undefined ? "no Valkey server" : `no Valkey ${wanted}`;
  return new DrillError("NO_VALKEY", `${what} was found. Tried ${tried.join("; ")}`, {
    hint: HOW_TO_GET_ONE,
  });
}

const HOW_TO_GET_ONE = `Any of these gives you one:
  Debian, Ubuntu   sudo apt-get install valkey-server
  Fedora           sudo dnf install valkey
  macOS            brew install valkey
  Docker           valkey-drill run --driver docker     (needs no server on this machine)
Or name one: --valkey /path/to/valkey-server, or VALKEY_DRILL_SERVER=/path/to/valkey-server`;
