import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { DrillError } from "../model/errors.ts";

/**
 * Imports an optional package: `importPackage("ioredis", () => import("ioredis"))`.
 *
 * @throws DrillError `MISSING_PACKAGE` if it is not installed
 */
export async function importPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw cause;
    // A package that is there and lacks one of its own is another matter.
    if (!message.includes(`'${name}'`) && !message.includes(`"${name}"`)) throw cause;
    throw missing(name, cause);
  }
}

/** The version of a package that is installed; `undefined` if it is not. */
export function installedVersion(name: string): string | undefined {
  const { resolve } = createRequire(import.meta.url);
  const folders = resolve.paths(name) ?? [];
  const path = folders.map((folder) => join(folder, name, "package.json")).find(existsSync);
  if (path === undefined) return undefined;
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
  return `${version}`;
}

/** What to do about a package that is not installed. */
export function missing(name: string, cause?: unknown): DrillError {
  const here = dirname(import.meta.url.replace("file://", ""));
  const global = /\/lib\/node_modules\//.test(here) ? " -g" : "";
  return new DrillError("MISSING_PACKAGE", `the package ${name} is not installed`, {
    hint: `npm install${global} ${name}`,
    cause,
  });
}
