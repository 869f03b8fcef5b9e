import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SCENARIOS } from "../src/bakeoff/scenarios/registry.ts";
import { CHECKERS } from "../src/check/registry.ts";
import { FAULTS } from "../src/fault/registry.ts";
import { LIBRARIES } from "../src/libraries/registry.ts";
import { builtInScenarios, loadScenario } from "../src/scenario/load.ts";
import { STEPS } from "../src/scenario/steps/registry.ts";
import { WORKLOADS } from "../src/workload/registry.ts";
import { filesIn, importsOf, isTest, ROOT, type SourceFile } from "./support/structure.ts";

const MOST_LINES = 300;
const MOST_LINES_OF_A_TEST = 500;
const MOST_COLUMNS = 120;
const WIDE_LINES = 72;

const source = filesIn("src").filter((file) => /\.tsx?$/.test(file.path));
const code = source.filter((file) => !isTest(file));
const everything = ["src", "test", "bench", "scripts"].flatMap(filesIn);

describe("the source", () => {
  it("names no client library outside of its folder, nor loads one", () => {
    const folders = [...LIBRARIES.values()].flatMap(({ name, otherNames = [], packageName }) => [
      name,
      ...otherNames,
      packageName,
    ]);
    // The tool's own connections to nodes, by a library that is always installed: not the client of a drill.
    const own = ["src/valkey/admin.ts", "src/observe/sentinel-events.ts"];
    // What is set for an application bears the name of its project.
    const apart = ["src/libraries/", "src/app/env/"];
    const outside = code.filter(
      ({ path }) => !apart.some((folder) => path.startsWith(folder)) && !own.includes(path),
    );
    expect(outside.flatMap((file) => namesIn(file, folders))).toEqual([]);
  });

  it("imports no package of a client library but where it is used", () => {
    const packages = [...LIBRARIES.values()].map(({ packageName }) => packageName);
    const loading = code
      .filter(({ path }) => path.startsWith("src/libraries/") && !path.endsWith("/snippet.ts")) // programs to paste
      .flatMap((file) =>
        importsOf({ ...file, text: file.text.replace(/\bimport\(/g, "later(") })
          .filter(({ specifier, typeOnly }) => !typeOnly && packages.includes(specifier))
          .map(({ specifier }) => `${file.path} imports ${specifier}`),
      );
    expect(loading).toEqual([]);
  });

  it("names what the library offers one by one", () => {
    const index = code.find((file) => file.path === "src/index.ts");
    expect(index?.text).not.toMatch(/export\s*\*/);
  });

  it("has no long files", () => {
    const long = everything
      .filter((file) => /\.(tsx?|css)$/.test(file.path))
      .map((file) => ({ file, lines: file.text.split("\n").length - 1 }))
      .filter(({ file, lines }) => lines > (isTest(file) ? MOST_LINES_OF_A_TEST : MOST_LINES));
    expect(long.map(({ file, lines }) => `${file.path}: ${lines} lines`)).toEqual([]);
  });

  it("stays within 120 columns, but for strings that are to be wrapped: they may only get fewer", () => {
    const files = [...everything, ...["examples", "findings"].flatMap(filesIn)].filter(
      ({ path }) => /\.(tsx?|mjs|css|sh)$/.test(path) && !path.startsWith("src/explain/"),
    );
    const wide = files.flatMap(({ path, text }) =>
      text.split("\n").flatMap((line, at) => (line.length > MOST_COLUMNS ? [`${path}:${at + 1}`] : [])),
    );
    expect(wide.slice(WIDE_LINES), `${wide.length} lines are wider than ${MOST_COLUMNS} columns`).toEqual([]);
  });

  it("has no test with an upper bound on wall-clock time: a busy machine is no defect", () => {
    const bounded = everything.filter(({ text }) => /\bnow\(\) - \w+\)\.toBeLess/.test(text));
    expect(bounded.map((file) => file.path)).toEqual([]);
  });

  it("has kebab-case names", () => {
    const word = "[a-z0-9]+(-[a-z0-9]+)*";
    const kebab = new RegExp(`^(${word}/)+${word}(\\.${word})*$`);
    expect(everything.filter((file) => !kebab.test(file.path)).map((file) => file.path)).toEqual([]);
  });
});

describe("the functions that look for violations", () => {
  const file = (path: string, text: string): SourceFile => ({ path, text });

  it("find the name of a client library, in code or in a comment, and no part of another word", () => {
    const found = (text: string) => namesIn(file("src/x.ts", text), ["glide", "redis", "node-redis"]);
    expect(found('const a = "glide";\n// for node-redis')).toEqual([
      "src/x.ts names glide",
      "src/x.ts names node-redis",
    ]);
    expect(found('import { createClient } from "redis";')).toEqual(["src/x.ts names redis"]);
    expect(found('it glides over redis-server; flavour: "redis" | "valkey"')).toEqual([]);
  });
});

describe("the registries", () => {
  const kinds: { folder: string; registered: readonly unknown[]; has: string[] }[] = [
    { folder: "src/fault", registered: [...FAULTS.values()], has: ["kind", "inject", "heal"] },
    { folder: "src/workload", registered: [...WORKLOADS.values()], has: ["name", "options", "run"] },
    { folder: "src/check", registered: CHECKERS, has: ["name", "applies", "requires", "check"] },
    { folder: "src/libraries", registered: [...LIBRARIES.values()], has: ["name", "connect", "open"] },
    { folder: "src/bakeoff/scenarios", registered: SCENARIOS, has: ["name", "topologies", "run"] },
    { folder: "src/scenario/steps", registered: [...STEPS.values()], has: ["action", "schema", "title"] },
  ];

  it.each(kinds)("of $folder holds every one that there is, once", async ({ folder, registered, has }) => {
    const modules = await Promise.all(
      filesIn(folder)
        .filter((file) => file.path.endsWith(".ts") && !isTest(file))
        .map((file) => import(join(ROOT, file.path)) as Promise<Record<string, unknown>>),
    );
    const exported = modules.flatMap((module) => Object.values(module)).filter((value) => isOne(value, has));
    expect(exported.length).toBeGreaterThan(0);
    expect(new Set(registered)).toEqual(new Set(exported));
    expect(registered.length).toBe(new Set(exported).size);
  });
});

describe("the built-in scenarios", async () => {
  const names = await builtInScenarios();

  it("are there", () => expect(names).toEqual(expect.arrayContaining(["ha-failover", "cluster-failover"])));

  it.each(names)("%s loads, and is named as its file is", async (name) => {
    const scenario = await loadScenario(name);
    expect(scenario.name).toBe(name.split("/").at(-1));
  });
});

/** `redis` is also what a server is called: there only an import counts. */
function namesIn({ path, text }: SourceFile, names: readonly string[]): string[] {
  const escaped = (name: string) => name.replace(/[/@]/g, "\\$&");
  return [...new Set(names)]
    .filter((name) =>
      name === "redis"
        ? /(from|import\()\s*"redis"/.test(text)
        : new RegExp(`(?<![\\w-])${escaped(name)}(?![\\w-])`, "i").test(text),
    )
    .map((name) => `${path} names ${name}`);
}

function isOne(value: unknown, has: readonly string[]): boolean {
  return typeof value === "object" && value !== null && has.every((name) => name in value);
}
