import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");

/** A source file: its path from the project's root, with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Every file below a folder of the project, sorted. */
export function filesIn(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({
      path: relative(ROOT, path).replaceAll("\\", "/"),
      text: readFileSync(path, "utf8"),
    }));
}

export function isTest({ path }: SourceFile): boolean {
  return /\.(test|test-data)\.tsx?$/.test(path);
}

/** An import as it is written; `typeOnly` ones are gone at run time. */
export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const IMPORT =
  /^\s*(?:import|export)\b(\s+type\b(?!\s*,))?[^"'`;]*?\bfrom\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;

/** `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")`. */
export function importsOf({ text }: SourceFile): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, ""); // a diagram or an example is no import
  return [...code.matchAll(IMPORT)].map((match) => ({
    specifier: match[2] ?? match[3] ?? match[4] ?? "",
    typeOnly: match[1] !== undefined,
  }));
}

/** The project's own files among the imports, by their paths. */
function pathsOf(file: SourceFile, imports: readonly Import[]): string[] {
  return imports
    .filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier }) => posix.join(dirname(file.path), specifier));
}

/** `src/check/judge.ts` is of the module `check`; `src/index.ts` is a module of its own. */
export function moduleOf(path: string): string {
  const [, first = ""] = path.split("/");
  return first.replace(/\.ts$/, "");
}

/** For each module, the modules that it may import besides itself; `*`: any. */
export type Rules = Readonly<Record<string, readonly string[]>>;

/** Imports from module to module that the rules do not allow: `src/a/x.ts imports src/b/y.ts: a may import only …`. */
export function forbiddenImports(files: readonly SourceFile[], rules: Rules): string[] {
  return files.flatMap((file) => {
    const module = moduleOf(file.path);
    const allowed = rules[module];
    if (!allowed) return [`${file.path}: the module ${module} is not in the rules`];
    if (allowed.includes("*")) return [];
    return pathsOf(file, importsOf(file))
      .filter((target) => {
        const to = moduleOf(target);
        return !target.startsWith("src/") || (to !== module && !allowed.includes(to));
      })
      .map(
        (target) =>
          `${file.path} imports ${target}: ${module} may import only ${allowed.join(", ") || "nothing"}`,
      );
  });
}

/**
 * Files that import each other in a ring, each ring once: `a.ts → b.ts → a.ts`. Rings of types alone are left out: they
 * are gone before anything is loaded, and let an interface stand beside the function that it is for.
 */
export function importCycles(files: readonly SourceFile[]): string[] {
  const imports = new Map(
    files.map((file) => [
      file.path,
      pathsOf(
        file,
        importsOf(file).filter(({ typeOnly }) => !typeOnly),
      ),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      cycles.push([...trail.slice(start), path].join(" → "));
      return;
    }
    if (done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return cycles;
}
