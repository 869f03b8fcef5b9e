import { cruise, type IConfiguration, type ICruiseOptions, type ICruiseResult } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import { ROOT } from "./structure.ts";

/** Plain JavaScript, so that the tool reads it as well. */
const { default: config, MODULES } = (await import(`${ROOT}/.dependency-cruiser.mjs`)) as {
  default: IConfiguration;
  MODULES: Readonly<Record<string, unknown>>;
};

/** The modules of src/ that the rules know. */
export const MODULE_NAMES: readonly string[] = Object.keys(MODULES);

/**
 * What `.dependency-cruiser.mjs` finds wrong with the imports of a folder's `src/`: `check-imports: src/check/x.ts →
 * src/fault/kill.ts`. A cycle is told with all of its files.
 */
export async function importProblems(folder = ROOT): Promise<string[]> {
  const { forbidden, options } = config;
  const {
    enhancedResolveOptions,
    tsConfig: _,
    ...rest
  } = options as ICruiseOptions & {
    enhancedResolveOptions: object;
    tsConfig: object;
  };
  const { output } = await cruise(
    ["src"],
    { ...rest, baseDir: folder, validate: true, ruleSet: { forbidden } },
    enhancedResolveOptions,
    { tsConfig: extractTSConfig(`${ROOT}/tsconfig.json`) },
  );
  return (output as ICruiseResult).summary.violations
    .map(({ rule, from, to, cycle }) =>
      [`${rule.name}: ${from}`, ...(cycle?.map(({ name }) => name) ?? [toldOf(to)])].join(" → "),
    )
    .sort();
}

/** A package by its name, whichever of its files it begins with. */
function toldOf(path: string): string {
  return path.replace(/^.*node_modules\/((?:@[^/]+\/)?[^/]+)\/.*$/, "$1");
}
