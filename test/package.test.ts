import { execFile } from "node:child_process";
import {
  access,
  constants,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
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
let tarball: string;
/** What npm said as it was installed. */
let installing: { readonly stdout: string; readonly stderr: string };

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
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf("["))); // what the build said comes first
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ name: "user", private: true, type: "module" }),
  );
  await writeFile(join(project, ".npmrc"), "engine-strict=true\n");
  tarball = join(scratch, filename);
  installing = await npm(project, "install", "--omit=dev", "--no-audit", "--no-fund", tarball);
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

  it("offers its parts under names of their own, without a client library", async () => {
    const { stdout } = await node(`
      const [check, report] = await Promise.all([import("valkey-drill/check"), import("valkey-drill/report")]);
      console.log(JSON.stringify([typeof check.judge, typeof report.renderReport]))`);
    expect(JSON.parse(stdout)).toEqual(["function", "function"]);
  });
});

/* An empty project beside it, with what the tests of an application are run by, and the oldest TypeScript. */
describe("a project that uses it", () => {
  let user: string;
  beforeAll(async () => {
    user = join(scratch, "project-with-tests");
    await cp(join(ROOT, "test/users"), user, { recursive: true });
    await cp(join(ROOT, "test/types"), join(user, "types"), { recursive: true });
    await cp(join(ROOT, "examples/plugins"), join(user, "types"), { recursive: true });
    const packages = ["jest@^30", "typescript@~5.6.3"];
    await npm(user, "install", "--no-audit", "--no-fund", "--prefer-offline", tarball, ...packages);
    for (const name of ["vitest", "@types/node"]) {
      const [from, to] = [ROOT, user].map((place) => join(place, "node_modules", name)) as [string, string];
      await mkdir(dirname(to), { recursive: true });
      await rm(to, { recursive: true, force: true });
      await symlink(from, to);
    }
  }, 300_000);

  it.each([
    ["the oldest TypeScript", () => user],
    ["the newest TypeScript", () => ROOT],
  ])("is checked to the last option by %s", { timeout: 180_000 }, async (_, home) => {
    const tsc = join(home(), "node_modules/typescript/bin/tsc");
    const said = await run(process.execPath, [tsc, "-p", "."], { cwd: user }).catch((error: Said) => error);
    expect(said.stdout).toBe("");
  });

  it.each([
    ["Vitest", ["node_modules/vitest/vitest.mjs", "run", "--root", ".", "vitest.test.mjs"]],
    ["Jest", ["--experimental-vm-modules", "node_modules/jest/bin/jest.js", "jest.test.mjs"]],
    ["node:test", ["--test", "node.test.mjs"]],
  ])("starts a topology for its tests with %s, and leaves nothing", { timeout: 180_000 }, async (_, args) => {
    const state = join(scratch, "state");
    const env = { ...process.env, VALKEY_DRILL_STATE: state, VITEST: undefined, NODE_OPTIONS: undefined };
    const said = await run(process.execPath, args, { cwd: user, env }).catch((error: Said) => error);
    const text = said.stdout + said.stderr;
    expect(text).toMatch(/1 passed|pass 1/);
    expect(text).not.toContain("did not exit");
    const left = ["environments", "ports", "topologies"].map((folder) => readdir(join(state, folder)));
    expect((await Promise.all(left)).flat()).toEqual([]);
  });

  it.each([
    ["Vitest", "exec", ["node_modules/vitest/vitest.mjs", "run"], /2 passed/],
    [
      "Jest",
      "exec",
      ["--experimental-vm-modules", "node_modules/jest/bin/jest.js", "--runInBand"],
      /1 passed/,
    ],
    ["node:test", "node", ["--test", "node.test.mjs"], /pass 1/],
  ])("has the shipped helpers for %s", { timeout: 180_000 }, async (_, how, args, passed) => {
    const folder = join(scratch, "project-with-exec");
    await cp(join(ROOT, "examples/exec"), folder, { recursive: true });
    await cp(join(ROOT, "test/users/package.json"), join(folder, "package.json"));
    await symlink(join(user, "node_modules"), join(folder, "node_modules")).catch((error: Error) => {
      if (!error.message.includes("EEXIST")) throw error;
    });
    const state = join(scratch, "state");
    const env = { ...process.env, VALKEY_DRILL_STATE: state, VITEST: undefined, NODE_OPTIONS: undefined };
    const words =
      how === "node"
        ? args
        : [
            join(user, "node_modules/valkey-drill/dist/cli/main.js"),
            "exec",
            "ha",
            "--",
            process.execPath,
            ...args,
          ];
    const said = await run(process.execPath, words, { cwd: folder, env }).catch((error: Said) => error);
    expect(said.stdout + said.stderr).toMatch(passed);
    const left = ["environments", "ports", "topologies"].map((name) => readdir(join(state, name)));
    expect((await Promise.all(left)).flat()).toEqual([]);
  });
});

describe("the package", () => {
  it("installs without a warning", () => {
    expect(installing.stderr).toBe("");
    expect(installing.stdout).not.toMatch(/warn|deprecated/i);
  });

  it("takes exactly the Nodes that it was tested on", async () => {
    const { engines } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
    expect(engines).toEqual({ node: "^20.19.0 || >=22.12.0" });
  });

  /** How somebody else writes tests. */
  const isExample = (file: string) => /^examples\/exec\/[^/]+\.test\.mjs$/.test(file);

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
        (/\.(test|test-data)\.|\.fixture\.|\.tsbuildinfo$|\.log$/.test(file) && !isExample(file)) ||
        /(?<!\.d)\.ts$/.test(file),
    );
    expect(unwanted).toEqual([]);
  });

  it("holds no module that nothing leads to", async () => {
    const dist = join(installed, "dist");
    const all = (await readdir(dist, { recursive: true })).filter((file) => /\.(js|d\.ts)$/.test(file));
    const seen = new Set<string>();
    const queue = ["index", "api/check", "api/report", ...PROGRAMS];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const texts = [`${at}.js`, `${at}.d.ts`].map((file) =>
        readFile(join(dist, file), "utf8").catch(() => ""),
      );
      const text = (await Promise.all(texts)).join("\n");
      for (const [, to = ""] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)\.(?:js|ts)"/g))
        queue.push(join(dirname(at), to));
    }
    expect(all.filter((file) => !seen.has(file.replace(/\.(js|d\.ts)$/, "")))).toEqual([]);
  });

  /* docs/progress.md says which test shows what: its links are for who has the sources. */
  it("has no link in its pages that leads nowhere", async () => {
    const pages = (await readdir(installed, { recursive: true })).filter(
      (file) => file.endsWith(".md") && file !== "docs/progress.md",
    );
    const links = await Promise.all(
      pages.map(async (page) => {
        const text = (await readFile(join(installed, page), "utf8")).replaceAll(/^```[\s\S]*?^```$/gm, "");
        return [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
          .map(([, target = ""]) => ({ page, target }))
          .filter(({ target }) => !/^[a-z]+:/.test(target));
      }),
    );
    const dead: string[] = [];
    for (const { page, target } of links.flat())
      await access(join(installed, dirname(page), target)).catch(() => dead.push(`${page}: ${target}`));
    expect(dead).toEqual([]);
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

/** Modules that are started as programs, or read by path. */
const PROGRAMS = ["cli/main", "driver/fabric/main", "bakeoff/child/main"];

interface Said {
  readonly stdout: string;
  readonly stderr: string;
}

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
