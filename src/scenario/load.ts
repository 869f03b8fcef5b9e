import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseDocument } from "yaml";
import { z } from "zod";
import { didYouMean } from "../base/nearest.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import { type ConfigFlags, withConfigFiles } from "./config-files.ts";
import { addedByPlugins, loadPlugins } from "./plugins.ts";
import { type Scenario, type ScenarioInput, scenarioSchema } from "./schema.ts";
import { withPathsFrom } from "./security/paths.ts";
import { asInput } from "./written.ts";
import { described, readYaml } from "./yaml-file.ts";

/** The scenarios that come with the package; `controls/` holds those that must fail. */
const BUILT_IN = fileURLToPath(new URL("../../scenarios/", import.meta.url));

/**
 * A scenario by the name of a built-in one (`ha-failover`, `controls/ha-no-sentinels`), or by the path of a `.yaml`
 * file or of a module whose default export is one.
 *
 * @param flags configuration files in place of those that its topology names
 * @throws DrillError `BAD_SCENARIO`: no such scenario (with the nearest name), or `file:line` and what is wrong there;
 *   `BAD_CONFIG`
 *   the same for its configuration files
 */
export async function loadScenario(ref: string, flags: ConfigFlags = {}): Promise<Scenario> {
  const names = await builtInScenarios();
  if (names.includes(ref)) return fromYaml(`${BUILT_IN}${ref}.yaml`, loadPluginsOf, flags);
  if (/\.ya?ml$/.test(ref)) return fromYaml(ref, loadPluginsOf, flags);
  if (/\.[cm]?[jt]s$/.test(ref)) return fromModule(ref, flags);
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

/**
 * The scenario of a saved run. The plugins that it names are not loaded: whoever runs it must have named them.
 *
 * @throws DrillError `PLUGIN_NOT_LOADED`, `BAD_SCENARIO`
 */
export async function loadSavedScenario(path: string): Promise<Scenario> {
  return fromYaml(path, async (named) => {
    const { paths } = addedByPlugins();
    if (named.length === 0 || paths.length > 0) return [...paths];
    throw new DrillError("PLUGIN_NOT_LOADED", `the saved run used plugins: ${named.join(", ")}`, {
      hint:
        `A saved run loads no code by itself. If you ` +
        `trust them: ${named.map((one) => `--plugin ${one}`).join(" ")}`,
    });
  });
}

/**
 * Loads the plugins that a scenario names, before it is validated. Gives their paths, as a scenario anywhere can name
 * them.
 */
async function loadPluginsOf(named: readonly string[], scenario: string): Promise<string[]> {
  const folder = dirname(resolve(scenario));
  await loadPlugins(named, folder);
  return named.map((path) => resolve(folder, path));
}

async function fromYaml(
  path: string,
  pluginsOf: (named: readonly string[], scenario: string) => Promise<string[]>,
  flags: ConfigFlags = {},
): Promise<Scenario> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new DrillError("BAD_SCENARIO", `${path} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const plugins = await pluginsOf(namedPlugins(text), path);
  const scenario = await configured(
    withPaths(parseScenario(text, path), path),
    dirname(resolve(path)),
    flags,
  );
  return plugins.length === 0 ? scenario : { ...scenario, plugins };
}

/** Paths are relative to the file that names them. */
function withPaths(scenario: Scenario, path: string): Scenario {
  return withAppFrom(
    { ...scenario, topology: withPathsFrom(scenario.topology, dirname(resolve(path))) },
    dirname(resolve(path)),
  );
}

/** An application's folder is found from there. */
function withAppFrom(scenario: Scenario, folder: string): Scenario {
  const { app } = scenario;
  if (app === undefined) return scenario;
  const { compose } = app;
  return {
    ...scenario,
    app: {
      ...app,
      cwd: resolve(folder, app.cwd),
      ...(compose && { compose: { ...compose, file: resolve(folder, compose.file) } }),
    },
  };
}

const namesPlugins = z.object({ plugins: z.array(z.string()) });

/** Read ahead of the rest, which cannot be validated without them. What is no such list is told when all is. */
function namedPlugins(text: string): string[] {
  const document = parseDocument(text);
  const read = document.errors.length > 0 ? undefined : namesPlugins.safeParse(document.toJS());
  return read?.success ? read.data.plugins : [];
}

/** A scenario from YAML text; `path` is for the errors. Its configuration files are not read. */
export function parseScenario(text: string, path: string): Scenario {
  return readYaml(text, path, scenarioSchema);
}

async function configured(scenario: Scenario, folder: string, flags: ConfigFlags = {}): Promise<Scenario> {
  return { ...scenario, topology: await withConfigFiles(scenario.topology, folder, flags) };
}

async function fromModule(path: string, flags: ConfigFlags): Promise<Scenario> {
  const module = await import(pathToFileURL(resolve(path)).href).catch((cause: unknown) => {
    const typescript = /\.[cm]?ts$/.test(path) ? " Node runs TypeScript by itself from 22.18 on." : "";
    throw new DrillError("BAD_SCENARIO", `${path} cannot be loaded: ${messageOf(cause)}.${typescript}`, {
      cause,
    });
  });
  const read = namesPlugins.safeParse(module.default);
  const plugins = read.success ? await loadPluginsOf(read.data.plugins, path) : [];
  const given = validated(module.default, path, "Its default export must be a scenario.");
  const scenario = await configured(withPaths(given, path), dirname(resolve(path)), flags);
  return plugins.length === 0 ? scenario : { ...scenario, plugins };
}

/**
 * A scenario of a program: as `defineScenario` gives it, or as `loadScenario` has read it. Paths of its plugins are
 * relative to the folder in which the program runs.
 *
 * @throws DrillError `BAD_SCENARIO`
 */
export async function readScenario(given: Scenario | ScenarioInput): Promise<Scenario> {
  const read = namesPlugins.safeParse(given);
  if (read.success) await loadPlugins(read.data.plugins);
  const scenario = validated(
    isRead(given) ? asInput(given) : given,
    "the scenario",
    "docs/guide.md describes the format.",
  );
  return configured(withAppFrom(scenario, process.cwd()), process.cwd());
}

/** Its steps have the form that reading gives them. */
function isRead(given: Scenario | ScenarioInput): given is Scenario {
  const steps: unknown = given?.steps;
  const isStep = (step: unknown) => typeof step === "object" && step !== null && "action" in step;
  return Array.isArray(steps) && steps.length > 0 && steps.every(isStep);
}

function validated(given: unknown, place: string, hint: string): Scenario {
  const parsed = scenarioSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${place}: ${described(issue.path, issue.message)}`);
  throw new DrillError("BAD_SCENARIO", problems.join("\n"), { hint });
}
