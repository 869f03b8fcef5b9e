import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type Look, waitFor } from "../base/wait.ts";
import { isSame, ownIdentity, type ProcessIdentity } from "./identity.ts";
import { temporaryBeside } from "./temporary.ts";

/** Longest wait for somebody else's lock. Ours are held for milliseconds. */
const LOCK_DEADLINE_MS = 5_000;

/** Runs `section` while no other process holds the lock file. A lock left by a dead process is removed. */
export async function withFileLock<T>(path: string, section: () => T): Promise<T> {
  const look = (): Look<undefined> =>
    tryLock(path)
      ? { done: true, value: undefined }
      : { done: false, seen: `held by pid ${readHolder(path)?.pid ?? "nobody any more"}` };
  await waitFor(look, { what: `the lock ${path}`, timeoutMs: LOCK_DEADLINE_MS, intervalMs: 2 });
  try {
    return section();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Makes `path` with this text unless it exists already; nobody ever sees it half written. */
export function createExclusively(path: string, text: string): boolean {
  const temporary = temporaryBeside(path);
  writeFileSync(temporary, text);
  try {
    return linkExclusively(temporary, path);
  } finally {
    rmSync(temporary);
  }
}

/** A second name for a file, unless that name is taken. */
export function linkExclusively(existing: string, path: string): boolean {
  try {
    linkSync(existing, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

interface Holder extends ProcessIdentity {
  /** Names this one taking of the lock. */
  readonly token: string;
}

/**
 * Two processes may find the same dead holder. If both simply removed the file, the slower one would remove the
 * lock that the faster one has taken meanwhile. So the right to remove one taking of the lock is itself a lock,
 * named after the token of that taking.
 */
function tryLock(path: string): boolean {
  const token = randomBytes(6).toString("hex");
  if (createExclusively(path, JSON.stringify({ ...ownIdentity(), token }))) return true;
  const holder = readHolder(path);
  if (!holder || isSame(holder)) return false;
  const right = `${path}.${holder.token}`;
  if (!tryLock(right)) return false;
  if (readHolder(path)?.token === holder.token) rmSync(path);
  rmSync(right);
  return false;
}

/** Is it a lock that was left by a process that is gone? One that cannot be read, or is not there, is not. */
export function isLeftBehind(path: string): boolean {
  try {
    const holder = readHolder(path);
    return holder !== undefined && !isSame(holder);
  } catch {
    return false;
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
