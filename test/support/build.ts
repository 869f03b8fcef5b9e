import { execFileSync } from "node:child_process";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { temporaryFolder } from "./temporary.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** Modules compiled to a folder of their own, so that a child process can run them: Node 20 runs no TypeScript. */
export interface Build {
  /** The compiled form of `src/<path>.ts`, to be imported. */
  module(path: string): string;
  /** Writes a script beside the build and returns its path. */
  script(name: string, text: string): string;
  remove(): void;
}

/** Compiles these modules (`driver/process/index`) and what they import; types are checked elsewhere. */
export function build(modules: readonly string[]): Build {
  const folder = temporaryFolder("build");
  const config = {
    extends: join(ROOT, "tsconfig.build.json"),
    compilerOptions: {
      rootDir: join(ROOT, "src"),
      outDir: join(folder, "dist"),
      types: [],
      declaration: false,
      incremental: false,
      tsBuildInfoFile: null,
      noCheck: true,
    },
    files: modules.map((path) => join(ROOT, "src", `${path}.ts`)),
    include: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder], {
    stdio: "inherit",
  });
  return {
    module: (path) => join(folder, "dist", `${path}.js`),
    script(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
