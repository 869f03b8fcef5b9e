import { execFile } from "node:child_process";
import { cp, readFile, rm, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addNew, KINDS, type Kind } from "../scripts/new/add.ts";
import { ROOT } from "./support/structure.ts";
import { temporaryFolder } from "./support/temporary.ts";

/* `npm run new`, in a copy of the repository: what it writes compiles, is in order, and passes the tests that it names. */

const run = promisify(execFile);
const LEFT_OUT = new Set([".git", "node_modules", ".tools", "runs", "coverage"]);
const kinds = Object.keys(KINDS) as Kind[];
const nameOf = (kind: Kind) => `my-own-${kind}`;
let copy: string;
const own: string[] = [];

beforeAll(async () => {
  copy = join(temporaryFolder("new"), "copy");
  await cp(ROOT, copy, { recursive: true, filter: (path) => !LEFT_OUT.has(relative(ROOT, path)) });
  await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
  for (const kind of kinds) {
    const { written } = await addNew(copy, kind, nameOf(kind));
    await inCopy("npx", "biome", "check", "--write", ...written);
    own.push(...written);
  }
}, 120_000);
afterAll(() => rm(copy, { recursive: true, force: true }));

it("adds what compiles and is in order", { timeout: 180_000 }, async () => {
  const { stdout } = await inCopy("npx", "tsc", "-p", "tsconfig.json", "--incremental", "false");
  expect(stdout).toBe("");
  await inCopy("npx", "biome", "check", ...own);
  expect(await readFile(join(copy, "src/fault/registry.ts"), "utf8")).toContain("  myOwnFault,\n");
});

it("adds what passes the tests that it names", { timeout: 300_000 }, async () => {
  await tests("src/scenario/json-schema.test.ts", "-u");
  const those = ["src/workload/my-own-workload.integration.test.ts", "src/check/my-own-checker.test.ts"];
  expect(await tests(...those, "src/libraries/registry.test.ts")).toContain("Test Files  3 passed (3)");
  expect(await tests("src/fault/fault.integration.test.ts", "-t", nameOf("fault"))).toMatch(
    /Tests {2}[1-9]\d* passed/,
  );
  const schemaText = await readFile(join(copy, "schema/scenario.schema.json"), "utf8");
  for (const kind of ["fault", "workload", "client"] as const)
    expect(schemaText).toContain(`"${nameOf(kind)}"`);
  const all = ["vitest", "run", "test/structure.test.ts", "test/docs.test.ts"];
  expect((await inCopy("npx", ...all)).stdout).toContain("Test Files  2 passed (2)");
});

it.each(kinds)("refuses a second %s of that name", async (kind) => {
  await expect(addNew(copy, kind, nameOf(kind))).rejects.toThrow("already");
});

/** @throws what the program said, if it fails */
async function inCopy(program: string, ...args: readonly string[]) {
  const env = {
    ...process.env,
    NO_COLOR: "1",
    FORCE_COLOR: undefined,
    VITEST: undefined,
    VITEST_POOL_ID: undefined,
  };
  return run(program, args, { cwd: copy, env }).catch((error: Error & { stdout: string; stderr: string }) => {
    throw new Error(`${program} ${args.join(" ")}\n${error.stdout}\n${error.stderr}`);
  });
}

const tests = async (...args: readonly string[]) => (await inCopy("npx", "vitest", "run", ...args)).stdout;
