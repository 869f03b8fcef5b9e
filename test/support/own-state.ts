import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { temporaryFolder } from "./temporary.ts";

/*
 * Every file of tests has a state folder of its own: what it starts is not in the way of the user's environments, nor
 * of another file's. The cache stays shared, so that a server is fetched once.
 */
const stateDir = temporaryFolder("state");
process.env.VALKEY_DRILL_STATE = stateDir;

afterAll(async () => {
  const left = await closeWhatIsLeft();
  rmSync(stateDir, { recursive: true, force: true });
  expect(left, "environments that these tests left running").toEqual([]);
});

/** Ends environments that a test forgot, so that no server outlives the tests, and names them. */
async function closeWhatIsLeft(): Promise<string[]> {
  const records = ["environments", "docker"].map((folder) => join(stateDir, folder));
  if (records.every((folder) => !existsSync(folder) || readdirSync(folder).length === 0)) return [];
  const { attachEnvironment, listEnvironments } = await import("../../src/api/environments.ts");
  const { environments } = await listEnvironments(stateDir);
  for (const { id } of environments) await (await attachEnvironment(id, stateDir)).close();
  return environments.map(({ id, dir }) => `${id} in ${dir}`);
}
