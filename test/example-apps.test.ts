import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import type { AppWord } from "../src/model/app-result.ts";
import type { Result } from "../src/model/result.ts";
import { loadScenario } from "../src/scenario/load.ts";
import { checkNamed, drillOf, problems } from "./support/drill.ts";
import { ROOT } from "./support/structure.ts";

/* The applications of `examples/apps`: each passes its drill, and its broken twin fails for its reason. */

const APPS = join(ROOT, "examples/apps");

interface Example {
  readonly word: AppWord;
  /** The check that fails; absent: the drill passes. */
  readonly fails?: string;
  readonly reason?: string;
  /** What its evidence says of the cause. */
  readonly says?: RegExp;
  /** Run by the gate; the others are tagged `long`. */
  readonly short?: boolean;
}

const passes = { word: "RECOVERED" } as const;
const EXAMPLES: Readonly<Record<string, Example>> = {
  "orders/drill": { ...passes, short: true },
  "orders/stuck": {
    word: "STUCK",
    fails: "app-recovery",
    reason: "stuck",
    says: /it waits for primary[\s\S]*socketTimeout/,
    short: true,
  },
  "orders/broken": { word: "DUPLICATED", fails: "app-writes", reason: "writes-duplicated", short: true },
  "orders/cluster": passes,
  "sessions/drill": passes,
  "sessions/sentinel": passes,
  "sessions/broken": { word: "LOST", fails: "app-writes", reason: "writes-lost" },
  "jobs/drill": passes,
  "jobs/cluster": passes,
  "jobs/stuck": { word: "STUCK", fails: "app-recovery", reason: "stuck", says: /it waits for primary/ },
  "jobs/broken": { word: "DUPLICATED", fails: "app-writes", reason: "writes-duplicated" },
  "lock/drill": passes,
  "lock/cluster": passes,
  "lock/stuck": { word: "STUCK", fails: "app-recovery", reason: "stuck", says: /where it should be/ },
  "lock/broken": {
    word: "RECOVERED",
    fails: "app-checks",
    reason: "probe-failed-after",
    says: /two-leaders/,
  },
  "limiter/drill": passes,
  "limiter/cluster": passes,
  "limiter/broken": { word: "STUCK", fails: "app-recovery", reason: "stuck" },
  "chat/drill": passes,
  "chat/cluster": passes,
  "chat/broken": { word: "STUCK", fails: "app-recovery", reason: "stuck" },
  "stream/drill": { ...passes, short: true },
  "stream/cluster": passes,
  "stream/broken": { word: "LOST", fails: "app-writes", reason: "writes-lost", short: true },
  "cache/drill": passes,
  "cache/cluster": passes,
  "cache/broken": { word: "RECOVERED", fails: "app-outage", says: /product/ },
  "flask/drill": { ...passes, short: true },
  "flask/broken": {
    word: "STUCK",
    fails: "app-recovery",
    reason: "stuck",
    says: /primary did not answer|waits for/,
  },
  "flask/cluster": { word: "STUCK", fails: "app-recovery", reason: "stuck" },
};

describe("the example applications", () => {
  const folders = readdirSync(APPS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules")
    .map(({ name }) => name);
  const scenarios = folders.flatMap((folder) =>
    readdirSync(join(APPS, folder)).flatMap((file) =>
      file.endsWith(".yaml") ? [`${folder}/${basename(file, ".yaml")}`] : [],
    ),
  );

  it("are all tried here, each with a drill that passes and a twin that fails", () => {
    expect(scenarios.sort()).toEqual(Object.keys(EXAMPLES).sort());
    for (const folder of folders) {
      expect(EXAMPLES[`${folder}/drill`]?.fails, folder).toBeUndefined();
      expect(EXAMPLES[`${folder}/broken`]?.fails, folder).toBeDefined();
    }
  });

  it.each(scenarios)("%s says in its file whether it must fail", async (name) => {
    const { description } = await loadScenario(join(APPS, `${name}.yaml`));
    expect(/^Must fail: /.test(description ?? "")).toBe(EXAMPLES[name]?.fails !== undefined);
  });

  it("are programs of 20 to 80 lines", () => {
    const programs = folders.flatMap((folder) =>
      readdirSync(join(APPS, folder))
        .filter((file) => /\.(mjs|py)$/.test(file))
        .map((file) => join(APPS, folder, file)),
    );
    for (const file of programs) {
      const lines = readFileSync(file, "utf8").trimEnd().split("\n").length;
      expect(lines >= 20 && lines <= 80, `${file}: ${lines} lines`).toBe(true);
    }
  });

  it("stand on packages of one version each, from whatever registry npm is set to", () => {
    const { dependencies } = JSON.parse(readFileSync(join(APPS, "package.json"), "utf8"));
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(readFileSync(join(APPS, "package-lock.json"), "utf8")).not.toMatch(/"resolved": "http/);
  });
});

describe("an example under its drill", () => {
  beforeAll(installed, 300_000);

  for (const [name, example] of Object.entries(EXAMPLES)) {
    const how = example.fails === undefined ? "passes" : `fails: ${example.word}, by ${example.fails}`;
    it(`${name} ${how}`, { tags: example.short ? [] : "long" }, async () => {
      const { result, folder } = await drillOf(await loadScenario(join(APPS, `${name}.yaml`)));
      await rm(folder.dir, { recursive: true, force: true });
      if (example.fails === undefined) expect(problems(result)).toEqual([]);
      else expectFailure(result, example.fails, example);
      expect(result.app?.words, problems(result).join("\n")).toContain(example.word);
    });
  }
});

function expectFailure(result: Result, check: string, { reason, says }: Example): void {
  const found = checkNamed(result, check);
  expect(found.verdict, problems(result).join("\n")).toBe("fail");
  if (reason !== undefined) expect(found.evidence.reason).toBe(reason);
  if (says !== undefined) expect(`${found.summary}\n${JSON.stringify(found.evidence)}`).toMatch(says);
}

/** Its packages, as the lock file has them, unless they are there. */
async function installed(): Promise<void> {
  const done = join(APPS, "node_modules/.package-lock.json"); // npm writes it when all the others are there
  const lock = join(APPS, "package-lock.json");
  if (existsSync(done) && statSync(done).mtimeMs >= statSync(lock).mtimeMs) return;
  // redlock-universal asks for a later Node than it needs, and npm run hands this repository's strictness on.
  const words = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--engine-strict=false"];
  await promisify(execFile)("npm", words, { cwd: APPS });
}
