import { execFile } from "node:child_process";
import { access, constants, cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "./support/structure.ts";

/* The package as a user gets it: packed, installed into an empty project, and used from there. */

const run = promisify(execFile);
const NOT_SOURCE = new Set([".git", "node_modules", "dist", ".tools", "runs", "coverage"]);
let scratch: string;
/** The user's project. */
let project: string;
/** Where the package is installed in it. */
let installed: string;
let version: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "valkey-drill-package-"));
  project = await mkdtemp(join(scratch, "user project "));
  installed = join(project, "node_modules/valkey-drill");
  ({ version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")));
  // From a copy: nothing that was built here before can hide what is missing, or be packed by mistake.
  const source = join(scratch, "source");
  await cp(ROOT, source, { recursive: true, filter: (path) => !NOT_SOURCE.has(relative(ROOT, path)) });
  await symlink(join(ROOT, "node_modules"), join(source, "node_modules"));
  const { stdout } = await npm(source, "pack", "--silent", "--json", "--pack-destination", scratch);
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf("["))); // what `prepare` said comes first
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ name: "user", private: true, type: "module" }),
  );
  await writeFile(join(project, ".npmrc"), "engine-strict=true\n");
  await npm(
    project,
    "install",
    "--ignore-scripts",
    "--omit=dev",
    "--no-audit",
    "--no-fund",
    join(scratch, filename),
  );
}, 180_000);

afterAll(() => rm(scratch, { recursive: true, force: true }));

describe("the installed command", () => {
  it("tells its version", async () => {
    expect((await cli("--version")).stdout).toBe(`${version}\n`);
  });

  it("helps, and tells its exit codes", async () => {
    const { stdout, stderr } = await cli("--help");
    expect(stderr).toBe("");
    for (const word of ["run", "up", "status", "down", "fault", "list", "check", "report", "doctor"]) {
      expect(stdout).toMatch(new RegExp(`^  ${word}\\b`, "m"));
    }
    expect(stdout).toContain("Exit codes:");
  });

  it("lists what it has, the scenarios from its own folder", async () => {
    const { stdout } = await cli("list");
    for (const name of ["ha-failover", "cluster-failover", "kill", "unique-writes", "iovalkey"]) {
      expect(stdout).toContain(name);
    }
  });

  it("ends with 64 where it is used wrongly", async () => {
    await expect(cli("no-such-command")).rejects.toMatchObject({ code: 64 });
    await expect(cli("run", "no-such-scenario")).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringContaining('there is no scenario "no-such-scenario"'),
    });
  });

  it("can be started as a program", async () => {
    const program = join(installed, "dist/cli/main.js");
    await access(program, constants.X_OK);
    expect((await readFile(program, "utf8")).split("\n")[0]).toBe("#!/usr/bin/env node");
  });
});

describe("the installed library", () => {
  it("offers the names of src/index.ts", async () => {
    const { stdout } = await node(
      'import * as all from "valkey-drill"; console.log(JSON.stringify(Object.keys(all)))',
    );
    expect(JSON.parse(stdout).sort()).toEqual(Object.keys(await import("../src/index.ts")).sort());
  });

  it("reads a scenario and offers its schema", async () => {
    const { stdout } = await node(`
      import { loadScenario, defineScenario, DrillError } from "valkey-drill";
      import schema from "valkey-drill/schema/result.schema.json" with { type: "json" };
      const error = await loadScenario("nothing").catch((error) => error);
      console.log(JSON.stringify([(await loadScenario("ha-failover")).name, typeof defineScenario, error instanceof DrillError, typeof schema]))`);
    expect(JSON.parse(stdout)).toEqual(["ha-failover", "function", true, "object"]);
  });

  it("has types that a strict project can use", async () => {
    await writeFile(
      join(project, "use.ts"),
      `import { defineScenario, loadScenario, type Result, type Scenario } from "valkey-drill";
       const scenario: Scenario = await loadScenario("ha-failover");
       export const verdict = (result: Result): string => \`\${scenario.name} \${result.verdict}\`;
       export default defineScenario({ name: "mine", description: "d", topology: { kind: "ha" }, steps: [{ wait: "1s" }] });
       // @ts-expect-error a scenario needs steps
       defineScenario({ name: "mine", description: "d", topology: { kind: "ha" } });`,
    );
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023", "--skipLibCheck"];
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const { stdout } = await run(process.execPath, [tsc, ...options, "use.ts"], { cwd: project }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe("");
  });
});

describe("the package", () => {
  it("takes exactly the Nodes that it was tested on", async () => {
    const { engines } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
    expect(engines).toEqual({ node: "^20.19.0 || >=22.12.0" });
  });

  it("holds what is needed, and no tests or sources", async () => {
    const files = (await readdir(installed, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));
    expect(files).toEqual(
      expect.arrayContaining([
        "package.json",
        "dist/index.js",
        "dist/index.d.ts",
        "dist/report/html/page.html",
      ]),
    );
    const unwanted = files.filter(
      (file) =>
        /\.(test|test-data)\.|\.fixture\.|\.tsbuildinfo$|\.log$/.test(file) || /(?<!\.d)\.ts$/.test(file),
    );
    expect(unwanted).toEqual([]);
  });

  it("is JavaScript that this Node reads, in every file", async () => {
    const scripts = (await readdir(join(installed, "dist"), { recursive: true }))
      .filter((file) => file.endsWith(".js") && !/(cli|fabric|child)\/main/.test(file))
      .map((file) => `import ${JSON.stringify(`./node_modules/valkey-drill/dist/${file}`)};`);
    expect(scripts.length).toBeGreaterThan(50);
    await node(scripts.join("\n"));
  });

  it("comes without the optional client libraries, which are asked for when they are needed", async () => {
    for (const name of ["ioredis", "redis", "@valkey/valkey-glide"])
      await expect(access(join(project, "node_modules", name))).rejects.toThrow();
    const libraries = '(await import("./node_modules/valkey-drill/dist/libraries/registry.js")).LIBRARIES';
    const { stdout } = await node(`
      const library = ${libraries}.get("ioredis");
      const error = await library.open({ options: {} }).catch((error) => error);
      console.log(JSON.stringify([error.code, error.hint]))`);
    expect(JSON.parse(stdout)).toEqual(["MISSING_PACKAGE", "npm install ioredis"]);
    await expect(cli("run", "ha-failover", "--client", "node-redis", "--quiet")).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/MISSING_PACKAGE[\s\S]*npm install redis/),
    });
    expect((await cli("list")).stdout).toMatch(/ioredis .*\(not installed: npm i ioredis\)/);
  });

  it("has a lock file that holds for every registry and every platform", async () => {
    const { packages } = JSON.parse(await readFile(join(ROOT, "package-lock.json"), "utf8")) as Lock;
    const entries = Object.entries(packages).filter(([path]) => path !== "");
    expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    expect(entries.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
    // `npm ci` refuses a lock without the binaries of other platforms, which a registry that lacks them leaves out.
    const wanted = entries.flatMap(([, entry]) => Object.keys(entry.optionalDependencies ?? {}));
    const here = new Set(entries.map(([path]) => path.replace(/^.*node_modules\//, "")));
    expect(wanted.filter((name) => !here.has(name))).toEqual([]);
  });
});

interface Lock {
  readonly packages: Record<
    string,
    { resolved?: string; integrity?: string; optionalDependencies?: Record<string, string> }
  >;
}

function npm(cwd: string, ...args: string[]) {
  return run("npm", args, {
    cwd,
    env: { ...process.env, NO_UPDATE_NOTIFIER: "1" },
    maxBuffer: 16 * 1024 * 1024,
  });
}

function cli(...args: string[]) {
  return run(join(project, "node_modules/.bin/valkey-drill"), args, { cwd: project });
}

/** Runs a module in the user's project. */
function node(text: string) {
  return run(process.execPath, ["--input-type=module", "--eval", text], { cwd: project });
}
