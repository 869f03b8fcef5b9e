import { readdir, readFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { didYouMean } from "../base/nearest.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import { type Scenario, scenarioSchema } from "./schema.ts";
import { described, readYaml } from "./yaml-file.ts";

/** The scenarios that come with the package; `controls/` holds those that must fail. */
const BUILT_IN = fileURLToPath(new URL("../../scenarios/", import.meta.url));

/**
 * A scenario by the name of a built-in one (`ha-failover`, `controls/ha-no-sentinels`), or by the path of a `.yaml`
 * file or of a module whose default export is one.
 *
 * @throws DrillError `BAD_SCENARIO`: no such scenario (with the nearest name), or `file:line` and what is wrong there
 */
export async function loadScenario(ref: string): Promise<Scenario> {
  const names = await builtInScenarios();
  if (names.includes(ref)) return fromYaml(`${BUILT_IN}${ref}.yaml`);
  if (/\.ya?ml$/.test(ref)) return fromYaml(ref);
  if (/\.[cm]?[jt]s$/.test(ref)) return fromModule(ref);
  throw new DrillError("BAD_SCENARIO", `there is no scenario "${ref}".${didYouMean(ref, names)}`, {
    hint: `Built in: ${names.join(", ")}. Or give the path of a .yaml file.`,
  });
}

/** Names of the built-in scenarios, controls last. */
export async function builtInScenarios(): Promise<string[]> {
  const inFolder = async (folder: string) =>
    (await readdir(`${BUILT_IN}${folder}`))
      .filter((file) => extname(file) === ".yaml")
      .map((file) => `${folder}${basename(file, ".yaml")}`)
      .sort();
  return [...(await inFolder("")), ...(await inFolder("controls/"))];
}

async function fromYaml(path: string): Promise<Scenario> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new DrillError("BAD_SCENARIO", `${path} cannot be read: ${messageOf(cause)}`, { cause });
  });
  return parseScenario(text, path);
}

/** A scenario from YAML text; `path` is for the errors. */
export function parseScenario(text: string, path: string): Scenario {
  return readYaml(text, path, scenarioSchema);
}

async function fromModule(path: string): Promise<Scenario> {
  const module = await import(pathToFileURL(resolve(path)).href).catch((cause: unknown) => {
    const typescript = /\.[cm]?ts$/.test(path) ? " Node runs TypeScript by itself from 22.18 on." : "";
    throw new DrillError("BAD_SCENARIO", `${path} cannot be loaded: ${messageOf(cause)}.${typescript}`, {
      cause,
    });
  });
  const parsed = scenarioSchema.safeParse(module.default);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${path}: ${described(issue.path, issue.message)}`);
  throw new DrillError("BAD_SCENARIO", problems.join("\n"), {
    hint: "Its default export must be a scenario.",
  });
}
