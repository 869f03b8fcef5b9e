import { CAPABILITIES, type Capability, type Capable } from "./capabilities.ts";
import { CLIENT_ABILITIES, type ClientAbilities, type ClientAbility } from "./client-abilities.ts";
import { DrillError } from "./errors.ts";
import type { NodePlan, TopologyKind } from "./plan.ts";

/** Where something can be used: a fault, a workload, a scenario of the bake-off. What is absent asks for nothing. */
export interface Requirements<Options = unknown> {
  /** The kinds of topology that it makes sense on. Default: all of them. */
  readonly topologies?: readonly TopologyKind[];
  /** What of its options makes no sense on that kind of topology: `mode: …`. Default: all of them do on any. */
  unsupportedOn?(options: Options, topology: TopologyKind): string | undefined;
  /** What the driver must be able to do. */
  readonly needs?: readonly Capability[];
  /** What the client library must be able to do, with these options. Default: nothing that not all of them can. */
  clientNeeds?(options: Options): readonly ClientAbility[];
  /** It cannot hit a Sentinel, which knows only few commands and holds no data. */
  readonly dataNodesOnly?: true;
  /** It is of Sentinels alone. */
  readonly sentinelsOnly?: true;
}

/** What is known of where it is to be used. What is absent is not known yet, and is not held against it. */
export interface Place {
  readonly topology?: TopologyKind;
  /** The options, as its own schema read them. */
  readonly options?: unknown;
  /** A driver, or an environment, and what a reader calls it: `process driver`. */
  readonly on?: { readonly capable: Capable; readonly name: string };
  /** The client library. */
  readonly client?: { readonly name: string; readonly abilities?: ClientAbilities };
  /** The nodes that it is to hit. */
  readonly targets?: readonly Pick<NodePlan, "name" | "role">[];
}

/** `reason`: why it cannot be used there, as a sentence; `hint`: what would allow it, where something would. */
export type Availability =
  | { readonly available: true }
  | {
      readonly available: false;
      readonly code: "BAD_USAGE" | "LACKS_CAPABILITY";
      readonly reason: string;
      readonly hint?: string;
    };

/**
 * Can it be used there? The one place that answers: reading a scenario, `list`, faults by hand, the live page,
 * `explore` and the bake-off ask here.
 *
 * @param name as a reader knows it: `kill`
 */
export function availability(name: string, requirements: Requirements, place: Place): Availability {
  const { topology, options, on, client, targets } = place;
  const { topologies, needs = [], dataNodesOnly, sentinelsOnly } = requirements;
  if (topology !== undefined) {
    if (topologies !== undefined && !topologies.includes(topology))
      return unusable(`${name} is for ${topologies.join(", ")}, not for ${topology}`);
    const why = options === undefined ? undefined : requirements.unsupportedOn?.(options, topology);
    if (why !== undefined) return unusable(`${name}: ${why}`);
  }
  const lacking = on === undefined ? [] : needs.filter((need) => !on.capable.capabilities.has(need));
  if (on !== undefined && lacking.length > 0) {
    const missing = lacking.map((need) => `${CAPABILITIES[need]} (${need})`).join(", ");
    const hints = lacking.map((need) => on.capable.lacks?.(need)).filter((hint) => hint !== undefined);
    return {
      available: false,
      code: "LACKS_CAPABILITY",
      reason: `${name} needs ${missing}, which the ${on.name} lacks here`,
      ...(hints.length > 0 && { hint: hints.join("\n") }),
    };
  }
  const needed =
    client === undefined || options === undefined ? [] : (requirements.clientNeeds?.(options) ?? []);
  for (const ability of needed) {
    const support = client?.abilities?.[ability];
    if (support === true) continue;
    return {
      available: false,
      code: "BAD_USAGE",
      reason: `${name} cannot be used with ${client?.name}: ${lackOf(ability, support)}`,
      ...(support !== undefined && { hint: support.issue }),
    };
  }
  const sentinel = dataNodesOnly ? targets?.find(({ role }) => role === "sentinel") : undefined;
  if (sentinel !== undefined) return unusable(`${name} cannot hit ${sentinel.name}: it is for data nodes`);
  const other = sentinelsOnly ? targets?.find(({ role }) => role !== "sentinel") : undefined;
  if (other !== undefined) return unusable(`${name} cannot hit ${other.name}: it is for Sentinels`);
  return { available: true };
}

/** @throws DrillError `BAD_USAGE` or `LACKS_CAPABILITY` if it cannot be used there, with what would allow it */
export function requireAvailable(name: string, requirements: Requirements, place: Place): void {
  const said = availability(name, requirements, place);
  if (said.available) return;
  throw new DrillError(said.code, said.reason, { ...(said.hint !== undefined && { hint: said.hint }) });
}

function lackOf(ability: ClientAbility, support: { readonly why: string } | undefined): string {
  if (support === undefined) return `it does not say that it can ${CLIENT_ABILITIES[ability]}`;
  return `it cannot ${CLIENT_ABILITIES[ability]}, since it ${support.why}`;
}

function unusable(reason: string): Availability {
  return { available: false, code: "BAD_USAGE", reason };
}
