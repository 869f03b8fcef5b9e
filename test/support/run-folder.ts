import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const RUN_FOLDER = "VALKEY_DRILL_TEST_FOLDER";

/** One folder for all that these tests write, whatever becomes of the processes that write it. */
export default function makeRunFolder(): (() => void) | undefined {
  if (process.env[RUN_FOLDER]) return undefined; // Vitest sets up once for each of its projects
  const folder = mkdtempSync(join(tmpdir(), "valkey-drill-tests-"));
  process.env[RUN_FOLDER] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
