import { randomBytes } from "node:crypto";
import { ownIdentity, type ProcessIdentity } from "./identity.ts";

/**
 * A name beside `path` for what is not whole yet. It tells who writes it, so that what the dead have left is known at
 * once.
 */
export function temporaryBeside(path: string): string {
  const { pid, startTime } = ownIdentity();
  return `${path}.${randomBytes(6).toString("hex")}-${pid}-${encodeURIComponent(startTime)}.tmp`;
}

/** Who writes the file of that name; undefined if it is not such a name. */
export function writerOf(name: string): ProcessIdentity | undefined {
  const [, pid, startTime] = /\.[0-9a-f]{12}-(\d+)-([^/]+)\.tmp$/.exec(name) ?? [];
  return startTime === undefined ? undefined : { pid: Number(pid), startTime: decodeURIComponent(startTime) };
}
