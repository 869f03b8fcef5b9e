import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isSame } from "../driver/identity.ts";
import { defaultStateDir, listDir, writing } from "../driver/state-dir.ts";
import { temporaryBeside, writerOf } from "../driver/temporary.ts";

/**
 * Makes a folder for the files of a topology that is gone when this process is, and removes those of processes that
 * have ended without a word. Its name tells whose it is.
 *
 * @throws DrillError `STATE_UNWRITABLE`
 */
export function makeOwnFolder(kind: string): string {
  const stateDir = defaultStateDir();
  const all = join(stateDir, "topologies");
  for (const name of listDir(all)) {
    const owner = writerOf(name);
    if (owner !== undefined && !isSame(owner)) rmSync(join(all, name), { recursive: true, force: true });
  }
  const dir = temporaryBeside(join(all, kind));
  writing(stateDir, () => mkdirSync(dir, { recursive: true }));
  return dir;
}
