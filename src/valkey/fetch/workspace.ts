import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { DrillError, messageOf } from "../../model/errors.ts";

/** A temporary folder of another machine (a home folder may be shared) is taken for dead after this long. */
const FOREIGN_AGE_MS = 24 * 60 * 60 * 1000;

/** A folder inside the cache in which a version is built before it is moved to its place. */
export interface Workspace {
  readonly dir: string;
  /** Removes it with all that is in it; idempotent. */
  remove(): Promise<void>;
}

/**
 * Makes a folder of our own in `root`, named after this process, and clears those of processes that are gone.
 *
 * @throws DrillError `CACHE_UNWRITABLE`
 */
export async function openWorkspace(root: string, onProgress: (m: string) => void): Promise<Workspace> {
  const dir = await makeFolder(root, `.tmp-${thisHost()}-${process.pid}-${await startTicksOf(process.pid)}-`);
  await clearStale(root, onProgress);
  return { dir, remove: () => removeFolder(dir, onProgress) };
}

/**
 * Moves a built version to its place. Renaming is atomic, and refused where a version stands already:
 * then `isGood` says whether that one is as good as ours. If not, it is moved aside and removed.
 */
export async function publish(
  built: string,
  place: string,
  workspace: Workspace,
  isGood: () => Promise<boolean>,
): Promise<void> {
  // Twice is enough for one bad version in the way; more means that others keep putting theirs there.
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(built, place);
    } catch (error) {
      if (!isCode(error, "ENOTEMPTY", "EEXIST") || attempt === 5) throw error;
    }
    if (await isGood()) return;
    try {
      await rename(place, join(workspace.dir, `replaced-${attempt}`));
    } catch (error) {
      if (!isCode(error, "ENOENT")) throw error; // another process has moved it aside already
    }
  }
}

/**
 * Can a folder be made in the cache? The doctor asks it too.
 *
 * @throws DrillError `CACHE_UNWRITABLE`
 */
async function makeFolder(root: string, prefix: string): Promise<string> {
  try {
    await mkdir(root, { recursive: true });
    return await mkdtemp(join(root, prefix));
  } catch (error) {
    throw new DrillError("CACHE_UNWRITABLE", `cannot write to the cache ${root}: ${messageOf(error)}`, {
      hint: "Set XDG_CACHE_HOME to a folder you can write to: XDG_CACHE_HOME=/path/to/cache valkey-drill …",
      cause: error,
    });
  }
}

/** Tries whether versions could be put into `root`. @throws DrillError `CACHE_UNWRITABLE` */
export async function tryWriting(root: string): Promise<void> {
  const dir = await makeFolder(root, `.tmp-${thisHost()}-${process.pid}-${await startTicksOf(process.pid)}-`);
  await rm(dir, { recursive: true });
}

async function clearStale(root: string, onProgress: (m: string) => void): Promise<void> {
  for (const name of await readdir(root)) {
    if (name.startsWith(".tmp-") && (await isStale(join(root, name)))) {
      await removeFolder(join(root, name), onProgress);
    }
  }
}

/** The owner is known by pid and start time, since a pid alone is given out again. */
async function isStale(path: string): Promise<boolean> {
  const [, host, pid, ticks] = /^\.tmp-(.+)-(\d+)-(\d+)-[^-]+$/.exec(basename(path)) ?? [];
  if (host === thisHost()) return (await startTicksOf(Number(pid))) !== ticks;
  try {
    return Date.now() - (await stat(path)).mtimeMs > FOREIGN_AGE_MS;
  } catch (error) {
    if (isCode(error, "ENOENT")) return false; // its owner has removed it meanwhile
    throw error;
  }
}

/** When the process was started, in clock ticks since boot (field 22 of proc(5) stat); `0` if it is gone. */
async function startTicksOf(pid: number): Promise<string> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field, the name, may hold spaces and brackets: count from the last bracket.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "0";
  } catch {
    return "0";
  }
}

/** What cannot be removed does no harm and is tried again at the next fetch: tell of it, and go on. */
async function removeFolder(path: string, onProgress: (m: string) => void): Promise<void> {
  try {
    // A killed process may have left a download that still writes here for a moment: hence the retries.
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch (error) {
    onProgress(`could not remove ${path} from ${dirname(path)}: ${messageOf(error)}`);
  }
}

function thisHost(): string {
  return hostname().replace(/[^A-Za-z0-9.]/g, "_");
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? "");
}
