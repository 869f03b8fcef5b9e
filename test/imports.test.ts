import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { importProblems, MODULE_NAMES } from "./support/imports.ts";
import { ROOT } from "./support/structure.ts";
import { temporaryFolder } from "./support/temporary.ts";

describe("the imports of src/", { timeout: 600_000 }, () => {
  it("go along the way data flows, to packages that the module may use, and never in a ring", async () => {
    expect(await importProblems()).toEqual([]);
  });

  it("have a rule for every module that there is", () => {
    const names = readdirSync(join(ROOT, "src")).map((name) => name.replace(/\.ts$/, ""));
    expect(MODULE_NAMES.filter((name) => !name.includes("/")).sort()).toEqual(names.sort());
  });
});

describe("the rules of imports", { timeout: 600_000 }, () => {
  it.each<[rule: string, files: Readonly<Record<string, string>>, expected: string[]]>([
    [
      "a module above",
      { "check/x.ts": 'import { kill } from "../fault/kill.ts";', "fault/kill.ts": "" },
      ["check-imports: src/check/x.ts → src/fault/kill.ts"],
    ],
    [
      "a type of a module above",
      { "check/x.ts": 'export type { Kill } from "../fault/kill.ts";', "fault/kill.ts": "" },
      ["check-imports: src/check/x.ts → src/fault/kill.ts"],
    ],
    [
      "a module above, loaded later",
      { "check/x.ts": 'export const kill = () => import("../fault/kill.ts");', "fault/kill.ts": "" },
      ["check-imports: src/check/x.ts → src/fault/kill.ts"],
    ],
    [
      "a package that is another module's",
      { "check/x.ts": 'import { parse } from "yaml";' },
      ["check-packages: src/check/x.ts → yaml"],
    ],
    [
      "a package for development",
      { "cli/x.ts": 'import { build } from "vite";' },
      ["cli-packages: src/cli/x.ts → vite", "no-development-package: src/cli/x.ts → vite"],
    ],
    [
      "the file system, where a module computes only",
      { "check/x.ts": 'import { readFileSync } from "node:fs";' },
      ["check-pure: src/check/x.ts → fs"],
    ],
    [
      "a test",
      { "check/x.ts": 'import { facts } from "./y.test-data.ts";', "check/y.test-data.ts": "" },
      ["no-tests: src/check/x.ts → src/check/y.test-data.ts"],
    ],
    [
      "a file that is not there",
      { "check/x.ts": 'import { y } from "./y.ts";' },
      ["no-unknown-file: src/check/x.ts → ./y.ts"],
    ],
    [
      "the other driver",
      { "driver/process/x.ts": 'import { y } from "../docker/y.ts";', "driver/docker/y.ts": "" },
      ["driver/process-alone: src/driver/process/x.ts → src/driver/docker/y.ts"],
    ],
    [
      "a page, from what is no page",
      { "report/x.ts": 'import { y } from "./html/page/y.ts";', "report/html/page/y.ts": "" },
      ["pages-alone: src/report/x.ts → src/report/html/page/y.ts"],
    ],
    [
      "each other, by types alone",
      { "check/x.ts": 'import type { Y } from "./y.ts";', "check/y.ts": 'import { x } from "./x.ts";' },
      ["no-cycle: src/check/x.ts → src/check/y.ts → src/check/x.ts"],
    ],
  ])("find %s", async (_rule, files, expected) => {
    expect(await importProblems(folderWith(files))).toEqual(expected);
  });

  it("let be what the modules may import, and what stands in a comment", async () => {
    const files = {
      "client/x.ts": [
        'import type { Plan } from "../model/plan.ts";',
        'import { retry } from "cockatiel";',
        'import { y } from "./y.ts";',
        '// import { kill } from "../fault/kill.ts";',
      ].join("\n"),
      "client/y.ts": "",
      "client/y.test.ts": 'import { kill } from "../fault/kill.ts";',
      "fault/kill.ts": "",
      "model/plan.ts": "",
    };
    expect(await importProblems(folderWith(files))).toEqual([]);
  });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder("imports");
  for (const name of ["node_modules", "package.json"]) symlinkSync(join(ROOT, name), join(folder, name));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, "src", path)), { recursive: true });
    writeFileSync(join(folder, "src", path), text);
  }
  return folder;
}
