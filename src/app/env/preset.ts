import type { TopologyKind } from "../../model/plan.ts";
import type { Places } from "./places.ts";

/**
 * The environment variables that one project reads. A new one is a file in `presets/` and a line in the registry; each
 * is checked against the documentation that it links.
 */
export interface EnvPreset {
  /** As `--env-preset` takes it. */
  readonly name: string;
  /** One line for `exec --help` and the documentation. */
  readonly summary: string;
  /** Where the project documents the variables. */
  readonly docs: string;
  /** Why the project cannot be pointed at that kind of topology by variables. Default: it can. */
  misfit?(kind: TopologyKind): string | undefined;
  /** What a user must know of these variables on that kind of topology. Default: nothing. */
  note?(kind: TopologyKind): string | undefined;
  /** Without those that have no value here. */
  variables(places: Places): Readonly<Record<string, string>>;
}

/** What is told of a preset that can only name one server, where a failover changes which one serves. */
export function oneAddressNote(kind: TopologyKind): string {
  return kind === "ha"
    ? "it names one server, the primary at the start: an application that knows no other does not follow a failover"
    : "it names one node: the application must use a client for Cluster, which finds the others there";
}

/** Without what is undefined. */
export function defined(given: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
