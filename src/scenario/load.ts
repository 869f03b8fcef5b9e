import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import { didYouMean } from "../base/nearest.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import { type ConfigFlags, withConfigFiles } from "./config-files.ts";
import { addedByPlugins, loadPlugins } from "./plugins.ts";
import { type Scenario, type ScenarioInput, scenarioSchema } from "./schema.ts";
import { withPathsFrom } from "./security/paths.ts";
import { asInput } from "./written.ts";
import { described, parseYaml, readYaml } from "./yaml-file.ts";

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
  if (names.includes(ref)) return fromYaml(`${BUILT_IN}${ref}.yaml`, loadPluginsFrom, flags);
  if (/\.ya?ml$/.test(ref)) return fromYaml(ref, loadPluginsFrom, flags);
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
 * The scenario of a saved run. The plugins that it names are not loaded: whoever runs it must have named them. Nor may
 * the commands that it names be started, unless that was asked for: the run may be somebody else's.
 *
 * @throws DrillError `PLUGIN_NOT_LOADED`, `BAD_USAGE`, `BAD_SCENARIO`
 */
export async function loadSavedScenario(path: string, mayStart: boolean): Promise<Scenario> {
  const scenario = await fromSaved(path);
  const commands = commandsOf(scenario);
  if (commands.length === 0 || mayStart) return scenario;
  throw new DrillError(
    "BAD_USAGE",
    `the saved run starts commands:\n${commands.map((one) => `  ${one}`).join("\n")}`,
    {
      hint: "A saved run starts none by itself. If you trust them: --start-app",
    },
  );
}

/** What of a scenario would be handed to a shell. */
function commandsOf({ app, probes }: Scenario): string[] {
  const asked = probes.flatMap(({ by, asks }) => (by === "command" ? [asks] : []));
  return [...(app?.command === undefined ? [] : [app.command]), ...asked];
}

function fromSaved(path: string): Promise<Scenario> {
  return fromYaml(path, async (_, named) => {
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
async function loadPluginsFrom(folder: string, named: readonly string[]): Promise<string[]> {
  await loadPlugins(named, folder);
  return named.map((path) => resolve(folder, path));
}

async function fromYaml(
  path: string,
  pluginsFrom: (folder: string, named: readonly string[]) => Promise<string[]>,
  flags: ConfigFlags = {},
): Promise<Scenario> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new DrillError("BAD_SCENARIO", `${path} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const file = parseYaml(text, path);
  const folder = dirname(resolve(path));
  const plugins = await pluginsFrom(folder, namedPlugins(file.value));
  const scenario = { ...file.read(scenarioSchema), ...(plugins.length > 0 && { plugins }) };
  return withFiles(scenario, folder, flags);
}

const namesPlugins = z.object({ plugins: z.array(z.string()) });

/** Read ahead of the rest, which cannot be validated without them. What is no such list is told when all is. */
function namedPlugins(given: unknown): string[] {
  const read = namesPlugins.safeParse(given);
  return read.success ? read.data.plugins : [];
}

/** A scenario from YAML text; `path` is for the errors. Its configuration files are not read. */
export function parseScenario(text: string, path: string): Scenario {
  return readYaml(text, path, scenarioSchema);
}

/**
 * The scenario with what its configuration files say, and its other paths as they are meant from the folder of who
 * names them.
 *
 * @throws DrillError `BAD_CONFIG`
 */
export async function withFiles(
  scenario: Scenario,
  folder: string,
  flags: ConfigFlags = {},
): Promise<Scenario> {
  const topology = await withConfigFiles(withPathsFrom(scenario.topology, folder), folder, flags);
  return withAppFrom({ ...scenario, topology }, folder);
}

/** The scenario with its application's folder, which is meant from that one, as it is anywhere. */
function withAppFrom(scenario: Scenario, folder: string): Scenario {
  const { app } = scenario;
  if (app === undefined) return scenario;
  return { ...scenario, app: { ...app, cwd: resolve(folder, app.cwd) } };
}

async function fromModule(path: string, flags: ConfigFlags): Promise<Scenario> {
  const module = await import(pathToFileURL(resolve(path)).href).catch((cause: unknown) => {
    const typescript = /\.[cm]?ts$/.test(path) ? " Node runs TypeScript by itself from 22.18 on." : "";
    throw new DrillError("BAD_SCENARIO", `${path} cannot be loaded: ${messageOf(cause)}.${typescript}`, {
      cause,
    });
  });
  const folder = dirname(resolve(path));
  const told = { place: path, hint: "Its default export must be a scenario." };
  return fromValue(module.default, folder, told, flags);
}

/**
 * A scenario of a program: as `defineScenario` gives it, or as `loadScenario` has read it. Paths in it are relative to
 * the folder in which the program runs.
 *
 * @throws DrillError `BAD_SCENARIO`
 */
export async function readScenario(given: Scenario | ScenarioInput): Promise<Scenario> {
  const input = isRead(given) ? asInput(given) : given;
  const told = { place: "the scenario", hint: "docs/guide.md describes the format." };
  return fromValue(input, process.cwd(), told);
}

/** Its steps have the form that reading gives them. */
function isRead(given: Scenario | ScenarioInput): given is Scenario {
  const steps: unknown = given?.steps;
  const isStep = (step: unknown) => typeof step === "object" && step !== null && "action" in step;
  return Array.isArray(steps) && steps.length > 0 && steps.every(isStep);
}

/** @param told what the errors say: `place` is what is wrong */
async function fromValue(
  given: unknown,
  folder: string,
  { place, hint }: { readonly place: string; readonly hint: string },
  flags: ConfigFlags = {},
): Promise<Scenario> {
  const plugins = await loadPluginsFrom(folder, namedPlugins(given));
  const parsed = scenarioSchema.safeParse(given);
  if (parsed.success)
    return withFiles({ ...parsed.data, ...(plugins.length > 0 && { plugins }) }, folder, flags);
  const problems = parsed.error.issues.map((issue) => `${place}: ${described(issue.path, issue.message)}`);
  throw new DrillError("BAD_SCENARIO", problems.join("\n"), { hint });
}
