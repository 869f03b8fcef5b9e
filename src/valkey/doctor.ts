import { access, lstat, readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { DrillError, messageOf } from "../model/errors.ts";
import { askVersion } from "./ask-version.ts";
import { listCached, versionsFolder } from "./cache.ts";
import { DEBIAN_KEYRING, findAptTools } from "./fetch/apt.ts";
import { tryWriting } from "./fetch/workspace.ts";
import { locateServer } from "./find.ts";
import { findAllOnPath, findOnPath } from "./on-path.ts";
import {
  availableMemoryBytes,
  inMiB,
  memoryFor,
  nodesInFiles,
  nodesInMemory,
  openFileLimit,
  openFilesFor,
} from "./resources.ts";
import { firstLines, runProgram } from "./run-program.ts";
import { isAtLeast } from "./version.ts";

/** One thing that was looked at. */
export interface DoctorItem {
  readonly name: string;
  /** `missing`: local drills do not work without it. `warn`: something does not work, or is slower, without it. */
  readonly state: "ok" | "warn" | "missing";
  /** What was found, or what the lack of it means. */
  readonly detail: string;
  /** The command that mends it. */
  readonly mend?: string;
}

export interface DoctorOptions {
  /** `--valkey`. */
  readonly valkey?: string;
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** An engine that does not answer hangs for minutes; the doctor does not wait for it. */
const DOCKER_TIMEOUT_MS = 3_000;
/** The usual drill: a cluster of three primaries with a replica each. */
const USUAL_NODES = 6;
/** A large one. */
const MANY_NODES = 60;

type Look = (options: DoctorOptions & { env: NodeJS.ProcessEnv }) => Promise<DoctorItem>;

/** Looks at what this machine has for drills and what it lacks. Fetches nothing, and never throws for a lack. */
export async function examine(options: DoctorOptions = {}): Promise<DoctorItem[]> {
  const looks: Look[] = [node, server, cache, onPath, fetching, memory, openFiles, loopback, docker, compose];
  const { env = process.env } = options;
  return await Promise.all(looks.map((look) => look({ ...options, env })));
}

/** Is this Node one that we are tested on? The range of `engines` in package.json. */
export function isSupportedNode(version: string): boolean {
  return (isAtLeast(version, "20.19") && !isAtLeast(version, "21")) || isAtLeast(version, "22.12");
}

async function node(): Promise<DoctorItem> {
  const version = process.versions.node;
  if (isSupportedNode(version)) return { name: "node", state: "ok", detail: version };
  return {
    name: "node",
    state: "missing",
    detail: `${version}; needed: 20.19 or later of 20, or 22.12 or later`,
    mend: "nvm install 22",
  };
}

async function server(options: DoctorOptions & { env: NodeJS.ProcessEnv }): Promise<DoctorItem> {
  const name = "server";
  try {
    const { server, tried } = { tried: [], ...(await locateServer(options)) };
    if (server) {
      const { flavour, version, origin, executable } = server;
      return { name, state: "ok", detail: `${flavour} ${version} (${origin}: ${executable})` };
    }
    if (await canFetch(options.env)) {
      return { name, state: "warn", detail: "none here yet; the first run fetches it (about 20 MB)" };
    }
    return {
      name,
      state: "missing",
      detail: `none found: tried ${tried.join("; ")}`,
      mend: await howToInstall(options.env),
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    const mend = error instanceof DrillError ? error.hint : undefined;
    return { name, state: "missing", detail: messageOf(error), mend };
  }
}

async function cache({ env }: { env: NodeJS.ProcessEnv }): Promise<DoctorItem> {
  const name = "cache";
  const root = versionsFolder(env);
  const held: string[] = [];
  for (const entry of await listCached(env)) {
    if ("problem" in entry)
      return { name, state: "warn", detail: entry.problem, mend: `rm -r '${entry.folder}'` };
    held.push(`${entry.manifest.version} (${inMiB(await sizeOf(entry.folder))})`);
  }
  const detail = `${root}: ${held.join(", ") || "empty"}`;
  try {
    await tryWriting(root);
    return { name, state: "ok", detail };
  } catch (error) {
    // Not "missing": what is in it can still be used, and `server` says if there is nothing.
    const holds = held.join(", ") || "nothing";
    const mend = "export XDG_CACHE_HOME=/path/to/a/folder/of/yours";
    return { name, state: "warn", detail: `${messageOf(error)}; it holds ${holds}`, mend };
  }
}

async function onPath({ env, signal }: DoctorOptions & { env: NodeJS.ProcessEnv }): Promise<DoctorItem> {
  const name = "valkey-server on PATH";
  const found: string[] = [];
  for (const command of await findAllOnPath("valkey-server", env)) {
    const answer = await askVersion({ command, args: [], env: {} }, env, signal);
    if (!answer.ok) return { name, state: "warn", detail: answer.problem, mend: await howToInstall(env) };
    found.push(`${answer.version} (${command})`);
  }
  if (found.length > 0) return { name, state: "ok", detail: found.join(", ") };
  if (await canFetch(env)) return { name, state: "ok", detail: "none; not needed, one can be fetched" };
  return { name, state: "warn", detail: "none", mend: await howToInstall(env) };
}

async function fetching({ env }: { env: NodeJS.ProcessEnv }): Promise<DoctorItem> {
  const name = "fetching";
  const tools = await findAptTools(env);
  if ("missing" in tools) {
    const detail = `no ${tools.missing.join(", no ")}: only an installed server can be used here`;
    return { name, state: "warn", detail, mend: await howToInstall(env) };
  }
  if (await hasKeyring()) return { name, state: "ok", detail: "apt-get, dpkg and Debian's keyring are here" };
  return {
    name,
    state: "warn",
    detail: `${DEBIAN_KEYRING} is not there: Debian's signatures cannot be checked`,
    mend: "sudo apt-get install debian-archive-keyring",
  };
}

async function memory(): Promise<DoctorItem> {
  const bytes = availableMemoryBytes();
  const detail = `${inMiB(bytes)} available, enough for ${nodesInMemory(bytes)} nodes`;
  return { name: "memory", state: graded(bytes, memoryFor), detail };
}

async function openFiles(): Promise<DoctorItem> {
  const name = "open files";
  const limit = openFileLimit();
  if (limit === undefined) return { name, state: "ok", detail: "the limit is not known on this system" };
  const state = graded(limit, openFilesFor);
  const detail = `${limit} per process, enough for ${nodesInFiles(limit)} nodes`;
  return state === "ok" ? { name, state, detail } : { name, state, detail, mend: "ulimit -n 4096" };
}

/** Linux has all of 127.0.0.0/8; macOS only the addresses that were added. Cutting links needs one for each node. */
async function loopback(): Promise<DoctorItem> {
  const name = "loopback addresses";
  const problem = await new Promise<string | undefined>((resolve) => {
    const listener = createServer();
    listener.on("error", (error) => resolve(messageOf(error)));
    listener.listen(0, "127.0.1.1", () => listener.close(() => resolve(undefined)));
  });
  if (problem === undefined) return { name, state: "ok", detail: "127.0.1.1 can be used: links can be cut" };
  const mend = process.platform === "darwin" ? "sudo ifconfig lo0 alias 127.0.1.1 up" : undefined;
  return { name, state: "warn", detail: `${problem}: faults that cut links need it`, mend };
}

async function docker(options: DoctorOptions & { env: NodeJS.ProcessEnv }): Promise<DoctorItem> {
  const version = await askDocker(["version", "--format", "{{.Server.Version}}"], options);
  if (!("problem" in version)) return { name: "docker", state: "ok", detail: `engine ${version.said}` };
  return lackOfDocker("docker", version, version.installed ? "sudo systemctl start docker" : undefined);
}

async function compose(options: DoctorOptions & { env: NodeJS.ProcessEnv }): Promise<DoctorItem> {
  const name = "docker compose";
  const version = await askDocker(["compose", "version", "--short"], options);
  if ("problem" in version) {
    // A docker without the plugin complains about our flags, which would say nothing to a reader.
    const problem = version.installed ? `docker has no compose plugin (${version.problem})` : version.problem;
    return lackOfDocker(name, { problem }, "sudo apt-get install docker-compose-v2");
  }
  const said = version.said.replace(/^v/, "");
  if (isAtLeast(said, "2")) return { name, state: "ok", detail: said };
  return lackOfDocker(name, { problem: `${said} is older than 2` }, "sudo apt-get install docker-compose-v2");
}

async function askDocker(
  args: readonly string[],
  { env, signal }: DoctorOptions & { env: NodeJS.ProcessEnv },
): Promise<{ said: string } | { problem: string; installed: boolean }> {
  const command = await findOnPath("docker", env);
  if (command === undefined) return { problem: "no docker on PATH", installed: false };
  const finished = await runProgram(command, args, { env, timeoutMs: DOCKER_TIMEOUT_MS, signal });
  if (finished.problem) {
    return { problem: `"docker ${args.join(" ")}" ${finished.problem}`, installed: true };
  }
  if (finished.code !== 0) return { problem: firstLines(finished, 1), installed: true };
  return { said: finished.stdout.trim() };
}

function lackOfDocker(name: string, { problem }: { problem: string }, mend?: string): DoctorItem {
  const install =
    process.platform === "darwin" ? "brew install --cask docker" : "sudo apt-get install docker.io";
  return { name, state: "warn", detail: `${problem}; only --driver docker needs it`, mend: mend ?? install };
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(files.map(async (file) => (await lstat(join(folder, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Enough for a large drill, for a usual one, or for none. */
function graded(has: number, neededFor: (nodes: number) => number): DoctorItem["state"] {
  if (has >= neededFor(MANY_NODES)) return "ok";
  return has >= neededFor(USUAL_NODES) ? "warn" : "missing";
}

async function canFetch(env: NodeJS.ProcessEnv): Promise<boolean> {
  if ("missing" in (await findAptTools(env)) || !(await hasKeyring())) return false;
  return tryWriting(versionsFolder(env)).then(
    () => true,
    () => false,
  );
}

async function hasKeyring(): Promise<boolean> {
  return access(DEBIAN_KEYRING).then(
    () => true,
    () => false,
  );
}

/** The command of the package manager that is here. */
async function howToInstall(env: NodeJS.ProcessEnv): Promise<string> {
  const commands = {
    brew: "brew install valkey",
    dnf: "sudo dnf install valkey",
    "apt-get": "sudo apt-get install valkey-server",
  };
  for (const [manager, command] of Object.entries(commands)) {
    if (await findOnPath(manager, env)) return command;
  }
  return "valkey-drill run --driver docker";
}
