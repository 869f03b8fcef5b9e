import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RUN_FOLDER } from "./run-folder.ts";

/** A new folder, which is removed when all tests are done (`run-folder.ts`). */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(process.env[RUN_FOLDER] ?? tmpdir(), `${name}-`));
}
