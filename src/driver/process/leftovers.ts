import { rmSync } from "node:fs";
import { join } from "node:path";
import { isLeftBehind } from "../file-lock.ts";
import { isSame } from "../identity.ts";
import { environmentsDir, listDir } from "../state-dir.ts";
import { writerOf } from "../temporary.ts";

/**
 * Removes what a tool that was killed in the middle of writing a record has left beside it, once the record is gone:
 * the record's lock (`<id>.json.lock`), the right to break it (`.lock.<token>`), and files that were being written
 * (`.tmp`). While there is a record, whoever writes it next takes over from the dead.
 */
export function removeLeftovers(stateDir: string): void {
  const dir = environmentsDir(stateDir);
  const names = listDir(dir);
  const known = new Set(names.flatMap((name) => RECORD.exec(name)?.[1] ?? []));
  for (const name of names) {
    const [, id] = BESIDE.exec(name) ?? [];
    if (id === undefined || known.has(id)) continue;
    const path = join(dir, name);
    const writer = writerOf(name);
    if (writer ? !isSame(writer) : isLeftBehind(path)) rmSync(path, { force: true });
  }
}

/** A record, or one that is being cleared. */
const RECORD = /^([0-9a-f]{8})\.json(?:\.clearing-.+)?$/;
const BESIDE = /^([0-9a-f]{8})\.(?:json\.lock(?:\.[0-9a-f]+)*|(?:json|plan).*\.tmp)$/;
