import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const BUILT = "VALKEY_DRILL_TEST_BUILT";

/** Before the tests that start the program, or draw a page: `dist` is of the sources as they are. */
export default function buildProgram(): void {
  if (process.env[BUILT]) return; // Vitest sets up once for each of its projects
  const root = resolve(import.meta.dirname, "../..");
  execFileSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: "inherit" });
  process.env[BUILT] = "1";
}
