import { didYouMean } from "../base/nearest.ts";
import type { ClientLibrary } from "../libraries/library.ts";
import { installed, LIBRARIES, libraryNamed } from "../libraries/registry.ts";
import { requireAvailable } from "../model/availability.ts";
import { DrillError } from "../model/errors.ts";
import type { TopologyKind } from "../model/plan.ts";
import type { CellPlan } from "./cell-plan.ts";
import type { GivenProfile } from "./profiles.ts";
import { SCENARIOS } from "./scenarios/registry.ts";
import type { BakeoffScenario } from "./scenarios/scenario.ts";

/** A cell that is run, or one that its library does not support. */
export type GridCell = CellPlan & { readonly unsupported?: { readonly why: string; readonly issue: string } };

export const KINDS: readonly TopologyKind[] = ["ha", "cluster"];
/** What a bake-off without a scenario plays. */
const DEFAULT_SCENARIOS = ["kill", "pause"];

export interface GridRequest {
  /** `kill` (wherever it can be), `ha-kill`, `cluster-kill`; none: kill and pause. */
  readonly scenarios: readonly string[];
  /** Names of libraries; undefined: all that are installed. */
  readonly clients?: readonly string[];
  readonly profiles: readonly GivenProfile[];
  readonly features: boolean;
}

/**
 * Every library with every profile in every scenario, the libraries beside each other.
 *
 * @throws DrillError `BAD_USAGE` for an unknown name, `MISSING_PACKAGE` if a library was asked for that is not
 * installed
 */
export function gridOf({ scenarios, clients, profiles, features }: GridRequest): GridCell[] {
  const libraries = librariesOf(clients);
  const asked = (scenarios.length > 0 ? scenarios : DEFAULT_SCENARIOS).flatMap(scenariosNamed);
  const sorted = KINDS.flatMap((kind) => asked.filter((one) => one.kind === kind));
  const cells = sorted.flatMap(({ kind, scenario }) =>
    libraries.flatMap((library) =>
      profiles.flatMap((profile) => cellOf(library, profile, kind, scenario, features)),
    ),
  );
  if (cells.length === 0) throw new DrillError("BAD_USAGE", "the profile says nothing of these libraries");
  return cells;
}

/** Libraries that are in the registry and not installed here. */
export function notInstalled(): readonly ClientLibrary[] {
  return [...LIBRARIES.values()].filter(({ version }) => version === undefined);
}

function cellOf(
  library: ClientLibrary,
  profile: GivenProfile,
  kind: TopologyKind,
  scenario: BakeoffScenario,
  features: boolean,
): GridCell[] {
  const reach = scenario.reach ?? kind;
  const ref = profile.refOf(library.name, reach);
  if (!ref) return [];
  const supported = library.supports[reach];
  return [
    {
      library: library.name,
      version: library.version ?? "",
      profile: ref,
      kind,
      scenario,
      features,
      ...(supported !== true && { unsupported: supported }),
    },
  ];
}

function librariesOf(names: readonly string[] | undefined): readonly ClientLibrary[] {
  if (!names) return [...LIBRARIES.values()].filter(({ version }) => version !== undefined);
  return names.map((name) => installed(libraryNamed(name)));
}

function scenariosNamed(given: string): { kind: TopologyKind; scenario: BakeoffScenario }[] {
  const wanted = KINDS.find((kind) => given.startsWith(`${kind}-`));
  const name = wanted ? given.slice(wanted.length + 1) : given;
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (!scenario)
    throw unknownName(
      "scenario of the bake-off",
      given,
      SCENARIOS.map((one) => one.name),
    );
  if (wanted !== undefined) requireAvailable(name, scenario, { topology: wanted });
  const kinds = wanted === undefined ? scenario.topologies : [wanted];
  return kinds.map((kind) => ({ kind, scenario }));
}

function unknownName(what: string, given: string, names: readonly string[]): DrillError {
  return new DrillError("BAD_USAGE", `no ${what} is named "${given}".${didYouMean(given, names)}`, {
    hint: `There are: ${names.join(", ")}.`,
  });
}
