import { readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { DrillError } from "../../model/errors.ts";
import { askVersion } from "../ask-version.ts";
import { MANIFEST, type Manifest, openCached, startOf, versionsFolder } from "../cache.ts";
import type { ValkeyServer } from "../server.ts";
import { belongsTo, fullVersion } from "../version.ts";
import { type AptTools, DEBIAN_KEYRING, debianMirror, openPrivateApt, type PrivateApt } from "./apt.ts";
import type { DebianRelease } from "./releases.ts";
import { unpack } from "./unpack.ts";
import { openWorkspace, publish, type Workspace } from "./workspace.ts";

export interface FetchOptions {
  readonly release: DebianRelease;
  readonly tools: AptTools;
  /** The version asked for, e.g. `8.1` or `8.1.1`: a cached one that is not of it is replaced. */
  readonly wanted: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (message: string) => void;
  readonly signal?: AbortSignal;
  /** Default: that of Debian. */
  readonly keyring?: string;
}

/**
 * Fetches Debian's packages of Valkey into the cache, without root and without touching the system.
 *
 * ```
 *  mirror ── apt-get (signatures) ──▶ .tmp-…/apt/packages/*.deb ── dpkg -x ──▶ .tmp-…/8.1-amd64/{bin,lib}
 *                                                                                      │ --version
 *                                             valkey/8.1-amd64/ ◀── rename ── manifest.json
 * ```
 *
 * A process killed on the way, or another fetching at the same time, never leaves half a version.
 *
 * @throws DrillError `CACHE_UNWRITABLE` (before anything is downloaded), `FETCH_FAILED`, `BAD_VALKEY` where Debian's
 *   version is not the exact one that was asked for
 */
export async function fetchServer(options: FetchOptions): Promise<ValkeyServer> {
  const { release, env, onProgress, signal } = options;
  const root = versionsFolder(env);
  const workspace = await openWorkspace(root, onProgress);
  try {
    onProgress(`fetching ${release.name} from ${debianMirror(env)} into ${root}, this once`);
    const apt = await openPrivateApt(join(workspace.dir, "apt"), {
      ...options,
      keyring: options.keyring ?? DEBIAN_KEYRING,
    });
    const built = await build(apt, workspace, options);

    const place = join(root, basename(built));
    await publish(built, place, workspace, async () => {
      const standing = await openCached(place, env, signal);
      return !("problem" in standing) && belongsTo(fullVersion(standing), options.wanted);
    });
    const server = await openCached(place, env, signal);
    if ("problem" in server) throw doesNotRun(release, server.problem);
    onProgress(`${server.flavour === "redis" ? "Redis" : "Valkey"} ${server.version} is ready`);
    return { ...server, origin: "fetched" };
  } finally {
    await workspace.remove();
  }
}

/** Downloads, unpacks and tries; returns the folder of a version complete with its manifest. */
async function build(apt: PrivateApt, workspace: Workspace, options: FetchOptions): Promise<string> {
  const { release, env, onProgress, signal } = options;
  const into = join(workspace.dir, `${release.line}-${apt.architecture}`);
  const packages: string[] = [];
  const add = async (names: readonly string[]) => {
    onProgress(`downloading ${names.join(", ")}`);
    const files = await apt.download(names);
    await unpack(files, into, { dpkg: options.tools.dpkg, env, signal });
    packages.push(...files.map((file) => basename(file)));
  };
  const program = (which: "server" | "cli") => `bin/${release.flavour}-${which}`;
  const attempt = (loader?: string) =>
    askVersion(startOf(into, { libraries: "lib", loader }, program("server")), env, signal);

  await add(release.packages);
  let loader: string | undefined;
  let answer = await attempt();
  if (!answer.ok) {
    onProgress(`this system lacks libraries that ${release.name} needs: fetching those as well`);
    await add(release.withLoader);
    loader = join("lib", await loaderIn(join(into, "lib"), release));
    answer = await attempt(loader);
  }
  if (!answer.ok) throw doesNotRun(release, answer.problem);
  if (!belongsTo(fullVersion(answer), options.wanted)) throw anotherVersion(fullVersion(answer), options);

  const manifest: Manifest = {
    schemaVersion: 1,
    flavour: answer.flavour,
    version: answer.version,
    architecture: apt.architecture,
    cpu: process.arch,
    server: program("server"),
    cli: program("cli"),
    libraries: "lib",
    loader,
    packages,
  };
  await writeFile(join(into, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return into;
}

/** `ld-linux-x86-64.so.2`, `ld-linux-aarch64.so.1`, `ld64.so.2`, …: each architecture has a name of its own. */
async function loaderIn(libraries: string, release: DebianRelease): Promise<string> {
  const loader = (await readdir(libraries)).find((name) => /^ld(-linux|64)[\w-]*\.so\.\d+$/.test(name));
  if (loader === undefined) throw doesNotRun(release, `${libraries} holds no loader (ld-linux….so)`);
  return loader;
}

function doesNotRun(release: DebianRelease, problem: string): DrillError {
  return new DrillError(
    "FETCH_FAILED",
    `Debian's ${release.name} was fetched but does not run here: ${problem}`,
    {
      hint:
        "If the cache lies on a disk mounted noexec, set XDG_CACHE_HOME to another one. Or give an installed " +
        "server: --valkey /path/to/valkey-server",
    },
  );
}

function anotherVersion(version: string, { wanted, release }: FetchOptions): DrillError {
  return new DrillError(
    "BAD_VALKEY",
    `there is no Valkey ${wanted} to fetch: Debian's ${release.line} is ${version}`,
    {
      hint: `Use --valkey ${release.line}, or give a server of your own: --valkey /path/to/valkey-server`,
    },
  );
}
