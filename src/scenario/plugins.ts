import { realpath } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { Checker } from "../check/checker.ts";
import { addChecker, CHECKERS } from "../check/registry.ts";
import { NotDoneError, TimeoutError } from "../client/errors.ts";
import type { Fault } from "../fault/fault.ts";
import { addFault, FAULTS } from "../fault/registry.ts";
import { type PluginClient, withoutBakeoff } from "../libraries/of-plugin.ts";
import { libraryNames, namesOf, registerLibrary } from "../libraries/registry.ts";
import { CAPABILITIES, type Capability } from "../model/capabilities.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import { addWorkload, WORKLOADS } from "../workload/registry.ts";
import type { Workload } from "../workload/workload.ts";
import { described } from "./yaml-file.ts";

/** What the default export of a plugin is. */
export interface Plugin {
  readonly faults?: readonly Fault[];
  readonly workloads?: readonly Workload[];
  readonly checkers?: readonly Checker[];
  readonly clients?: readonly PluginClient[];
}

/** What a plugin is given that is a function: so it need not find this package by itself. */
export interface PluginTools {
  /** The library of schemas: options are one of its schemas. */
  readonly z: typeof z;
  readonly DrillError: typeof DrillError;
  /** What a client throws where its own deadline passed: the operation may have been done. */
  readonly TimeoutError: typeof TimeoutError;
  /** What a client throws where it surely was not done, if its library's own error does not tell. */
  readonly NotDoneError: typeof NotDoneError;
}

/** The default export of a plugin: what it adds, or a function that makes it. */
export type PluginModule = Plugin | ((tools: PluginTools) => Plugin | Promise<Plugin>);

const TOOLS: PluginTools = { z, DrillError, TimeoutError, NotDoneError };

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, "must be lower-case letters, digits and hyphens");
const summary = z.string().min(1);
const method = z.custom((value) => typeof value === "function", "must be a function");
const schemaOfOptions = z.custom((value) => value instanceof Object && "_zod" in value, {
  error: "must be a schema of zod 4, such as z.strictObject({})",
});
const capabilities = Object.keys(CAPABILITIES) as [Capability, ...Capability[]];
const kinds = z.array(z.enum(["ha", "cluster"]));

/** What core code relies on; all else is the plugin's own business. */
const SHAPES = {
  faults: z.looseObject({
    kind: name.refine((kind) => kind !== "heal", 'must not be "heal", which undoes faults'),
    summary,
    needs: z.array(z.enum(capabilities)),
    targetKind: z.enum(["nodes", "links"]).optional(),
    topologies: kinds.optional(),
    options: schemaOfOptions,
    label: method,
    inject: method,
    heal: method,
  }),
  workloads: z.looseObject({
    name,
    summary,
    kind: z.enum(["steady", "finite"]),
    topologies: kinds.min(1),
    options: schemaOfOptions,
    run: method,
  }),
  checkers: z.looseObject({ name, summary, applies: method, requires: method, check: method }),
  clients: z.looseObject({
    name,
    summary,
    packageName: z.string().min(1),
    supports: z.looseObject({ ha: z.unknown(), cluster: z.unknown() }),
    tells: z.looseObject({ whoAnswered: z.boolean(), redirects: z.boolean(), connections: z.boolean() }),
    recovery: z.looseObject({ ha: z.looseObject({}), cluster: z.looseObject({}) }),
    snippet: method,
    connect: method,
  }),
};
const pluginSchema = z
  .strictObject({
    faults: z.array(SHAPES.faults).optional(),
    workloads: z.array(SHAPES.workloads).optional(),
    checkers: z.array(SHAPES.checkers).optional(),
    clients: z.array(SHAPES.clients).optional(),
  })
  .refine((plugin) => Object.values(plugin).some((list) => list.length > 0), "it adds nothing");

/** Files, by their real paths: each is loaded once. */
const loading = new Map<string, Promise<void>>();
const added = { paths: [] as string[], checkers: [] as string[] };

/**
 * Loads files that add faults, workloads, checkers or client libraries. One that is loaded already is left as it is.
 *
 * @param from paths are relative to this folder
 * @throws DrillError `BAD_PLUGIN` if one cannot be loaded, adds nothing that is known, or takes a name that there is
 */
export async function loadPlugins(paths: readonly string[], from = process.cwd()): Promise<void> {
  for (const path of paths) {
    const absolute = await realPath(isAbsolute(path) ? path : resolve(from, path), path);
    const one = loading.get(absolute) ?? loadOne(absolute, path);
    loading.set(absolute, one); // two scenarios that are read beside each other may name the same
    await one;
  }
}

/** The files that were loaded, and names of the checkers that came from them or from a program. */
export function addedByPlugins(): {
  readonly paths: readonly string[];
  readonly checkers: readonly string[];
} {
  return { paths: [...added.paths], checkers: [...added.checkers] };
}

async function realPath(path: string, given: string): Promise<string> {
  return realpath(path).catch((cause: unknown) => {
    throw bad(
      given,
      `cannot be loaded: ${messageOf(cause)}`,
      "Paths in a scenario are relative to it.",
      cause,
    );
  });
}

async function loadOne(path: string, given: string): Promise<void> {
  const module = await import(pathToFileURL(path).href).catch((cause: unknown) => {
    throw bad(given, `cannot be loaded: ${messageOf(cause)}`, hintFor(cause, path), cause);
  });
  const plugin = readPlugin(await made(module.default, given), given);
  try {
    registerPlugin(plugin);
  } catch (cause) {
    throw bad(given, messageOf(cause), "Give it another name.", cause);
  }
  added.paths.push(path);
}

function hintFor(cause: unknown, path: string): string | undefined {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "ERR_MODULE_NOT_FOUND")
    return "Install it where the plugin is. Or export a function: it is given z, DrillError and what a client throws.";
  return /\.[cm]?ts$/.test(path) ? "Node runs TypeScript by itself from 22.18 on." : undefined;
}

async function made(exported: unknown, given: string): Promise<unknown> {
  if (typeof exported !== "function") return exported;
  try {
    return await (exported as (tools: PluginTools) => unknown)(TOOLS);
  } catch (cause) {
    throw bad(given, `failed as it was called: ${messageOf(cause)}`, undefined, cause);
  }
}

function readPlugin(exported: unknown, given: string): Plugin {
  if (exported === undefined) throw bad(given, "there is no default export", SHAPE);
  const read = pluginSchema.safeParse(exported);
  if (read.success) return exported as Plugin;
  const problems = read.error.issues.map(({ path, message }) => described(path, message));
  throw bad(given, `not what a plugin is: ${problems.join("; ")}`, SHAPE);
}

const SHAPE =
  "Its default export is { faults, workloads, checkers, clients }, each a list, or a function that returns it.";

function bad(path: string, why: string, hint?: string, cause?: unknown): DrillError {
  return new DrillError("BAD_PLUGIN", `plugin ${path}: ${why}`, { ...(hint && { hint }), cause });
}

/** All of it, or nothing. */
function registerPlugin({ faults = [], workloads = [], checkers = [], clients = [] }: Plugin): void {
  const taken = [
    takenOf(
      "fault",
      faults.map(({ kind }) => kind),
      [...FAULTS.keys()],
    ),
    takenOf(
      "workload",
      workloads.map((one) => one.name),
      [...WORKLOADS.keys()],
    ),
    takenOf(
      "checker",
      checkers.map((one) => one.name),
      CHECKERS.map((one) => one.name),
    ),
    takenOf("client", clients.flatMap(namesOf), libraryNames()),
  ].flat();
  if (taken.length > 0) throw new DrillError("BAD_PLUGIN", taken.join("; "));
  for (const fault of faults) addFault(fault);
  for (const workload of workloads) addWorkload(workload);
  for (const checker of checkers) {
    addChecker(checker);
    added.checkers.push(checker.name);
  }
  for (const client of clients) registerLibrary(withoutBakeoff(client));
}

function takenOf(what: string, names: readonly string[], existing: readonly string[]): string[] {
  return names
    .filter((one, index) => existing.includes(one) || names.indexOf(one) !== index)
    .map((one) => `there is a ${what} named "${one}" already`);
}

/**
 * Adds a fault of your own to this process: scenarios, faults by hand, the live page and reports know it from now on.
 *
 * @throws DrillError `BAD_PLUGIN` if it is no fault, or there is one of that name
 */
export function registerFault(fault: Fault): void {
  register({ faults: [fault] });
}

/** Adds a workload of your own to this process. @throws DrillError `BAD_PLUGIN`, as `registerFault` */
export function registerWorkload(workload: Workload): void {
  register({ workloads: [workload] });
}

/** Adds a checker of your own to this process. @throws DrillError `BAD_PLUGIN`, as `registerFault` */
export function registerChecker(checker: Checker): void {
  register({ checkers: [checker] });
}

/** Adds a client library of your own to this process. @throws DrillError `BAD_PLUGIN`, as `registerFault` */
export function registerClient(client: PluginClient): void {
  register({ clients: [client] });
}

function register(plugin: Plugin): void {
  registerPlugin(readPlugin(plugin, "of this program"));
}
