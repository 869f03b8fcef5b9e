import { lstat, mkdir, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { DrillError } from "../../model/errors.ts";
import { lastLines, runProgram } from "../run-program.ts";

export interface UnpackOptions {
  readonly dpkg: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** Programs taken over, under the name they get: the server goes by its name in argv[0]. */
const PROGRAMS = {
  "valkey-check-rdb": "valkey-server",
  "valkey-cli": "valkey-cli",
  "valkey-benchmark": "valkey-benchmark",
  "redis-check-rdb": "redis-server",
  "redis-cli": "redis-cli",
} as const;

/**
 * Unpacks package files and moves what a server needs to `into`: programs to `bin/`, shared libraries to `lib/`.
 * Everything else (documentation, character sets, service files) is left out: 28 MB become 21.
 *
 * @throws DrillError `FETCH_FAILED`
 */
export async function unpack(files: readonly string[], into: string, options: UnpackOptions): Promise<void> {
  const root = `${into}.unpacked`;
  for (const file of files) {
    const finished = await runProgram(options.dpkg, ["-x", file, root], {
      env: { ...options.env, LC_ALL: "C" },
      timeoutMs: 60_000,
      signal: options.signal,
    });
    if (finished.code !== 0 || finished.problem) {
      throw new DrillError(
        "FETCH_FAILED",
        `could not unpack ${basename(file)}: ${finished.problem ?? lastLines(finished)}`,
        { hint: "Is the disk full? XDG_CACHE_HOME sets another place for the cache." },
      );
    }
  }
  await takePrograms(join(root, "usr/bin"), join(into, "bin"));
  // Debian 12 has the C library in /lib, later ones all in /usr/lib; either in a folder per architecture.
  for (const folder of ["lib", "usr/lib"]) await takeLibraries(join(root, folder), join(into, "lib"));
  await rm(root, { recursive: true });
}

async function takePrograms(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await namesIn(from)) {
    const taken = PROGRAMS[name as keyof typeof PROGRAMS];
    if (taken) await rename(join(from, name), join(to, taken));
  }
}

async function takeLibraries(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const triplet of await namesIn(from)) {
    for (const name of await namesIn(join(from, triplet))) {
      if (!/\.so(\.\d+)*$/.test(name)) continue;
      const source = join(from, triplet, name);
      const isLink = (await lstat(source)).isSymbolicLink();
      // A link may name its target by a path that no longer holds; all stand in one folder now.
      if (isLink) await symlink(basename(await readlink(source)), join(to, name));
      else await rename(source, join(to, name));
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}
