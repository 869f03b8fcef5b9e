import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { didYouMean } from "../../base/nearest.ts";
import { DrillError, messageOf } from "../../model/errors.ts";
import type { SettingValue } from "../../model/matrix.ts";
import type { ConfigFlags } from "../../scenario/config-files.ts";
import { loadScenario, withFiles } from "../../scenario/load.ts";
import { type Scenario, scenarioSchema } from "../../scenario/schema.ts";
import { writtenScenario } from "../../scenario/written.ts";
import { described, parseYaml } from "../../scenario/yaml-file.ts";
import { settingAt, type Written, whyNot, withSetting } from "./settings.ts";

/** The matrices that come with the package. */
const BUILT_IN = fileURLToPath(new URL("../../../scenarios/matrix/", import.meta.url));

/** One combination of settings, and the drill with them. */
export interface Cell {
  readonly settings: Readonly<Record<string, SettingValue>>;
  readonly scenario: Scenario;
}

/** A drill to be run over a grid of settings. */
export interface Matrix {
  readonly name: string;
  readonly description: string;
  /** Runs of each cell. */
  readonly runs: number;
  /** In the order of the grid, the last setting varying fastest. */
  readonly cells: readonly Cell[];
  /** The file again, with its scenario and all defaults in it: it can be run wherever it is. */
  readonly text: string;
}

const value = z.union([z.string(), z.number(), z.boolean()]);

/** The scenario by name or path, or written out. */
const scenario = z.unknown().transform((given, context): string | Scenario => {
  if (typeof given === "string") return given;
  const parsed = scenarioSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  for (const { message, path } of parsed.error.issues)
    context.addIssue({ code: "custom", message, path: [...path] });
  return z.NEVER;
});

const fileSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, "must be lower-case letters, digits and hyphens"),
  description: z.string().default(""),
  scenario,
  runs: z.int().min(1).max(100).default(3).describe("Runs of each cell."),
  throughput: z
    .union([z.literal(false), z.record(z.string(), z.unknown())])
    .default({})
    .describe("Options of the workload of that name, which is run before all else; false: it is not."),
  grid: z
    .record(z.string(), z.array(value).min(1))
    .refine((grid) => Object.keys(grid).length > 0, "names no setting to vary"),
});

type MatrixFile = z.infer<typeof fileSchema>;

/**
 * A matrix by the name of a built-in one, or by the path of a `.yaml` file.
 *
 * @param flags configuration files in place of those that its topology names
 * @throws DrillError `BAD_SCENARIO` with `file:line`: also for a cell that could not be run, such as one that waits for
 *   more
 * replicas than there are
 */
export async function loadMatrix(ref: string, flags: ConfigFlags = {}): Promise<Matrix> {
  const path = await pathOf(ref);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new DrillError("BAD_SCENARIO", `${path} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const yaml = parseYaml(text, path);
  const { scenario: named } = yaml.read(fileSchema);
  const base =
    typeof named === "string"
      ? await loadScenario(besides(path, named), flags)
      : await withFiles(named, dirname(path), flags);
  const { origin } = base.topology;
  const written = parse(writtenScenario(base, [])) as Written;
  // Read once more, now that the scenario is known: a cell that cannot be run has a line in this file.
  const checked = fileSchema.superRefine((file, context) => {
    for (const { message, path: at } of problemsOf(file, written))
      context.addIssue({ code: "custom", message, path: at });
  });
  const file = yaml.read(checked);
  return {
    name: file.name,
    description: file.description,
    runs: file.runs,
    cells: combinations(file.grid).map((settings) => ({
      settings,
      scenario: withOrigin(scenarioSchema.parse(cellOf(file, written, settings)), origin),
    })),
    text: stringify({ ...file, scenario: written }),
  };
}

/** Its directives still know where they stand. */
function withOrigin(scenario: Scenario, origin: Scenario["topology"]["origin"]): Scenario {
  return { ...scenario, topology: { ...scenario.topology, ...(origin && { origin }) } };
}

/** Names of the matrices that come with the package. */
export async function builtInMatrices(): Promise<string[]> {
  const files = await readdir(BUILT_IN);
  return files
    .filter((file) => extname(file) === ".yaml")
    .map((file) => basename(file, ".yaml"))
    .sort();
}

async function pathOf(ref: string): Promise<string> {
  const names = await builtInMatrices();
  if (names.includes(ref)) return `${BUILT_IN}${ref}.yaml`;
  if (/\.ya?ml$/.test(ref)) return ref;
  throw new DrillError("BAD_SCENARIO", `there is no matrix "${ref}".${didYouMean(ref, names)}`, {
    hint: `Built in: ${names.join(", ")}. Or give the path of a .yaml file.`,
  });
}

/** A path in a matrix is meant from where the matrix is. */
function besides(path: string, ref: string): string {
  const beside = resolve(dirname(path), ref);
  return /\.(ya?ml|[cm]?[jt]s)$/.test(ref) && existsSync(beside) ? beside : ref;
}

function problemsOf(file: MatrixFile, written: Written): { message: string; path: PropertyKey[] }[] {
  const names = Object.keys(file.grid);
  const unsupported = names.flatMap((name) => {
    const message = whyNot(name, written);
    return message === undefined ? [] : [{ message, path: ["grid", name] }];
  });
  if (unsupported.length > 0) return unsupported;
  for (const settings of combinations(file.grid)) {
    const parsed = scenarioSchema.safeParse(cellOf(file, written, settings));
    const [issue] = parsed.error?.issues ?? [];
    if (issue === undefined) continue;
    const name = settingAt(issue.path, names);
    const at = issue.path[0] === "steps" ? ["throughput"] : ["grid", ...(name === undefined ? [] : [name])];
    return [
      {
        message: `the cell ${cellName(settings)} cannot be run: ${described(issue.path, issue.message)}`,
        path: at,
      },
    ];
  }
  return [];
}

/** `waitReplicas 1, appendfsync always` */
export function cellName(settings: Cell["settings"]): string {
  return Object.entries(settings)
    .map((pair) => pair.join(" "))
    .join(", ");
}

function cellOf({ throughput }: MatrixFile, written: Written, settings: Cell["settings"]): Written {
  const set = Object.entries(settings).reduce((so, [name, given]) => withSetting(so, name, given), written);
  return throughput === false ? set : { ...set, steps: [{ run: { throughput } }, ...set.steps] };
}

/** All combinations; the last setting varies fastest. */
function combinations(grid: MatrixFile["grid"]): Cell["settings"][] {
  return Object.entries(grid).reduce<Record<string, SettingValue>[]>(
    (some, [name, values]) => some.flatMap((one) => values.map((given) => ({ ...one, [name]: given }))),
    [{}],
  );
}
